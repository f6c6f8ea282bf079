# The library libunclip and what `cmake --install` copies: the program, the library with its headers,
# the shipped model, and what find_package(unclip) reads.

set(_modules core weights image tokenizer clip prior unet scheduler pipeline search)

add_library(unclip_library SHARED)
foreach(_module ${_modules})
  target_sources(unclip_library PRIVATE $<TARGET_OBJECTS:unclip_${_module}>)
endforeach()
target_sources(unclip_library PRIVATE $<TARGET_OBJECTS:unclip_kernels> ${UNCLIP_KERNEL_OBJECTS})
set_target_properties(unclip_library PROPERTIES
  OUTPUT_NAME unclip
  EXPORT_NAME unclip
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}
  INSTALL_RPATH ${UNCLIP_TORCH_RPATH})
target_compile_features(unclip_library PUBLIC cxx_std_20)
target_link_libraries(unclip_library
  PUBLIC unclip::torch nlohmann_json::nlohmann_json
  PRIVATE ${UNCLIP_IMAGE_LIBRARIES})

install(TARGETS unclip RUNTIME DESTINATION bin)
install(TARGETS unclip_library EXPORT unclipTargets
  LIBRARY DESTINATION lib
  INCLUDES DESTINATION include/unclip)
install(DIRECTORY core weights image clip prior unet scheduler pipeline search
  DESTINATION include/unclip
  FILES_MATCHING PATTERN "*.h" PATTERN toybox EXCLUDE)
install(DIRECTORY weights/toybox DESTINATION share/unclip)

include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/unclipConfig.cmake.in ${PROJECT_BINARY_DIR}/unclipConfig.cmake
  INSTALL_DESTINATION lib/cmake/unclip)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unclipConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT unclipTargets NAMESPACE unclip:: DESTINATION lib/cmake/unclip)
install(FILES cmake/libtorch.cmake ${PROJECT_BINARY_DIR}/unclipConfig.cmake
  ${PROJECT_BINARY_DIR}/unclipConfigVersion.cmake DESTINATION lib/cmake/unclip)
