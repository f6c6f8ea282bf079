# unclip_module(<name> SOURCES <file>... DEPENDS <module>... [LIBRARIES <target>...] [TORCH])
#   A folder's library, unclip_<name>. TORCH: its sources use libtorch's heavy headers and get
#   them precompiled.
# unclip_test(<name> SOURCES <file>... DEPENDS <module>... [LIBRARIES <target>...] [TORCH])
#   A folder's tests: one program, one ctest entry.

add_library(unclip_options INTERFACE)
target_compile_features(unclip_options INTERFACE cxx_std_20)
# A member that an initializer leaves out has its default; that is what defaults are for.
target_compile_options(unclip_options INTERFACE -Wall -Wextra -Wpedantic
  -Wno-missing-field-initializers)
if(UNCLIP_WERROR)
  target_compile_options(unclip_options INTERFACE -Werror)
endif()
if(UNCLIP_SANITIZE)
  # GCC's manual: sanitizers add code that makes this warning wrong.
  target_compile_options(unclip_options INTERFACE -Wno-maybe-uninitialized)
  target_compile_options(unclip_options INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(unclip_options INTERFACE -fsanitize=address,undefined)
endif()
target_include_directories(unclip_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)

# One precompiled header for every target that needs libtorch's modules or operators.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/torch_headers.cpp
  CONTENT "// Compiled for its precompiled header alone.\n")
add_library(unclip_torch_headers OBJECT ${PROJECT_BINARY_DIR}/torch_headers.cpp)
target_link_libraries(unclip_torch_headers PUBLIC unclip_options unclip::torch)
target_precompile_headers(unclip_torch_headers PRIVATE <ATen/ATen.h> <torch/nn/module.h> <torch/nn/pimpl.h> <torch/nn/modules/container/modulelist.h>)

function(_unclip_target target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH" "" "SOURCES;DEPENDS;LIBRARIES")
  list(TRANSFORM arg_DEPENDS PREPEND unclip_)
  target_sources(${target} PRIVATE ${arg_SOURCES})
  target_link_libraries(${target} PUBLIC unclip_options ${arg_DEPENDS} ${arg_LIBRARIES})
  if(arg_TORCH)
    target_link_libraries(${target} PUBLIC unclip::torch)
    target_precompile_headers(${target} REUSE_FROM unclip_torch_headers)
    # CMake compiles a program with -fPIE, a library with -fPIC; the header is compiled once.
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

function(unclip_module name)
  add_library(unclip_${name} STATIC)
  _unclip_target(unclip_${name} ${ARGN})
endfunction()

function(unclip_test name)
  add_executable(${name}_test)
  _unclip_target(${name}_test ${ARGN})
  target_link_libraries(${name}_test PRIVATE GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  # Networks this small lose more to a second thread than they gain; ctest runs programs side by side.
  set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()
