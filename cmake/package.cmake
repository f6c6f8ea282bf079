# The library libunclip, and what `cmake --install` puts into a prefix:
#
#   bin/unclip                         the program
#   lib/libunclip.so, include/unclip/  the library and its headers
#   lib/libunclip_cuda.so              the plug-in for NVIDIA's GPUs, if it was built
#   lib/unclip/                        libtorch, which program and library find by a relative path
#   lib/cmake/unclip/                  for find_package(unclip)
#   share/unclip/                      the shipped models
#   share/doc/unclip/                  the licences of unclip and of what comes with it
#   share/man/man1/, share/bash-completion/, share/zsh/, share/fish/
#
# UNCLIP_LIBTORCH=leave in the environment of `cmake --install` links lib/unclip/ to the libtorch that
# the program was built with, which then has to stay where it is.

add_library(unclip_library SHARED)
foreach(_module ${UNCLIP_LIBRARY_FOLDERS} tokenizer)
  target_sources(unclip_library PRIVATE $<TARGET_OBJECTS:unclip_${_module}>)
endforeach()
target_sources(unclip_library PRIVATE ${UNCLIP_KERNEL_OBJECTS})
set_target_properties(unclip_library PROPERTIES
  OUTPUT_NAME unclip
  EXPORT_NAME unclip
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
  INSTALL_RPATH "\$ORIGIN/unclip/torch/lib")
target_compile_features(unclip_library PUBLIC cxx_std_20)
target_link_libraries(unclip_library
  PUBLIC unclip::torch nlohmann_json::nlohmann_json
  PRIVATE ${UNCLIP_IMAGE_LIBRARIES} sentencepiece::sentencepiece CURL::libcurl Threads::Threads)

# --- What is installed ---

# `./paint` builds the program only; the rest is built now, so that the installation is whole.
install(CODE "execute_process(
  COMMAND \"${CMAKE_COMMAND}\" --build \"${PROJECT_BINARY_DIR}\" --target unclip unclip_library
  OUTPUT_VARIABLE log ERROR_VARIABLE log RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR \"\${log}\")
endif()")

set_target_properties(unclip PROPERTIES INSTALL_RPATH "\$ORIGIN/../lib/unclip/torch/lib")
install(TARGETS unclip RUNTIME DESTINATION bin)
if(TARGET unclip_cuda)
  set_target_properties(unclip_cuda PROPERTIES INSTALL_RPATH "\$ORIGIN/unclip/torch/lib")
  install(TARGETS unclip_cuda LIBRARY DESTINATION lib)
endif()
install(TARGETS unclip_library EXPORT unclipTargets
  LIBRARY DESTINATION lib
  INCLUDES DESTINATION include/unclip)
file(GLOB _shipped LIST_DIRECTORIES false weights/*/model_index.json)
# A new folder configures anew. GLOB's own CONFIGURE_DEPENDS would make `ninja -n` name no other step.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS weights)
foreach(_index ${_shipped})
  cmake_path(GET _index PARENT_PATH _model)
  install(DIRECTORY ${_model} DESTINATION share/unclip)
  cmake_path(GET _model FILENAME _name)
  list(APPEND _not_headers PATTERN ${_name} EXCLUDE)
endforeach()
install(DIRECTORY ${UNCLIP_LIBRARY_FOLDERS}
  DESTINATION include/unclip
  FILES_MATCHING PATTERN "*.h" ${_not_headers})
install(CODE "execute_process(COMMAND sh \"${PROJECT_SOURCE_DIR}/cmake/install_libtorch.sh\"
  \"${UNCLIP_TORCH_DIR}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/unclip\"
  COMMAND_ERROR_IS_FATAL ANY)")
install(FILES LICENSE DESTINATION share/doc/unclip)
# name of the licence, and the file that it is copied from
function(_install_licence name file)
  file(GLOB _found LIST_DIRECTORIES false ${file})
  install(FILES ${_found} DESTINATION share/doc/unclip RENAME ${name})
endfunction()
_install_licence(LICENSE.libtorch ${UNCLIP_TORCH_DIR}/torch-*.dist-info/licenses/LICENSE)
_install_licence(NOTICE.libtorch ${UNCLIP_TORCH_DIR}/torch-*.dist-info/licenses/NOTICE)
_install_licence(LICENSE.cuda-runtime ${UNCLIP_TORCH_DIR}/nvidia_cuda_runtime-*.dist-info/licenses/License.txt)
_install_licence(LICENSE.cuda-cupti ${UNCLIP_TORCH_DIR}/nvidia_cuda_cupti-*.dist-info/licenses/License.txt)
_install_licence(LICENSE.dejavu-fonts /usr/share/doc/fonts-dejavu-core/copyright)
install(CODE "set(program \"${PROJECT_BINARY_DIR}/unclip\")")
install(SCRIPT cmake/install_manual.cmake)

# --- What find_package(unclip) reads ---

include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/unclipConfig.cmake.in ${PROJECT_BINARY_DIR}/unclipConfig.cmake
  INSTALL_DESTINATION lib/cmake/unclip)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unclipConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT unclipTargets NAMESPACE unclip:: DESTINATION lib/cmake/unclip)
install(FILES cmake/libtorch.cmake ${PROJECT_BINARY_DIR}/unclipConfig.cmake
  ${PROJECT_BINARY_DIR}/unclipConfigVersion.cmake DESTINATION lib/cmake/unclip)

if(PROJECT_IS_TOP_LEVEL)
  include(cmake/archive.cmake)
endif()
