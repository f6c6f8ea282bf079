# Imported targets for libtorch, taken from PyPI's torch wheel.
#
#   unclip::torch                         libtorch_cpu and libc10, with the headers
#   unclip::torch_cuda, unclip::c10_cuda, unclip::cudart  its CUDA part, for the plug-in alone
#   unclip::gomp                          the OpenMP library that libtorch runs its threads with
#
# The wheel's own CMake files are not used: they want a CUDA toolkit.
# UNCLIP_TORCH_DIR is the folder that holds torch/ and nvidia/; cmake/install_dependencies.sh
# makes one and the default is where it puts it.

if(TARGET unclip::torch)
  return()
endif()
set(UNCLIP_TORCH_VERSION 2.11.0)

if(NOT "$ENV{UNCLIP_TORCH_DIR}" STREQUAL "")
  set(_default "$ENV{UNCLIP_TORCH_DIR}")
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_default "$ENV{XDG_CACHE_HOME}/unclip/torch-${UNCLIP_TORCH_VERSION}")
else()
  set(_home "$ENV{HOME}")
  if(_home STREQUAL "")  # services and containers run without it; the user database knows it
    execute_process(COMMAND sh -c "getent passwd \"$(id -u)\" | cut -d: -f6"
      OUTPUT_VARIABLE _home OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
  set(_default "${_home}/.cache/unclip/torch-${UNCLIP_TORCH_VERSION}")
endif()
set(UNCLIP_TORCH_DIR "${_default}" CACHE PATH "Folder that holds PyPI's torch ${UNCLIP_TORCH_VERSION}, unpacked")

set(_torch "${UNCLIP_TORCH_DIR}/torch")
if(NOT EXISTS "${_torch}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "${_torch}/lib/libtorch_cpu.so: not found. "
    "Run cmake/install_dependencies.sh, or set UNCLIP_TORCH_DIR to a folder that holds torch ${UNCLIP_TORCH_VERSION}.")
endif()

foreach(_lib torch_cpu c10 torch_cuda c10_cuda)
  add_library(unclip::${_lib} SHARED IMPORTED)
  set_target_properties(unclip::${_lib} PROPERTIES IMPORTED_LOCATION "${_torch}/lib/lib${_lib}.so")
endforeach()
# CUDA's run-time library, with its headers: those that libtorch was built with.
add_library(unclip::cudart SHARED IMPORTED)
set_target_properties(unclip::cudart PROPERTIES
  IMPORTED_LOCATION "${UNCLIP_TORCH_DIR}/nvidia/cu13/lib/libcudart.so.13"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${UNCLIP_TORCH_DIR}/nvidia/cu13/include")
# The threads that libtorch's operators share; at::parallel_for is a loop without them.
add_library(unclip::gomp SHARED IMPORTED)
set_target_properties(unclip::gomp PROPERTIES IMPORTED_LOCATION "${_torch}/lib/libgomp.so.1")

add_library(unclip::torch INTERFACE IMPORTED)
target_include_directories(unclip::torch SYSTEM INTERFACE
  "${_torch}/include" "${_torch}/include/torch/csrc/api/include")
target_link_libraries(unclip::torch INTERFACE unclip::torch_cpu unclip::c10)
# libtorch_cpu finds its CUDA run-time library by its own rpath, at run time only.
target_link_options(unclip::torch INTERFACE -Wl,--allow-shlib-undefined)
