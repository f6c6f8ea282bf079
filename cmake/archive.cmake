# The target `package`: what `cmake --install` copies, as an archive to unpack anywhere and as a Debian
# package, in the build's folder:
#
#   unclip-VERSION-linux-ARCHITECTURE.tar.gz
#   unclip_VERSION_ARCHITECTURE.deb
#
# Both hold libtorch without its CUDA part.

set(UNCLIP_MAINTAINER "unclip maintainers <unclip@localhost>" CACHE STRING
  "Who answers for the Debian package: name and address")

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME unclip)
set(CPACK_PACKAGE_VENDOR unclip)
set(CPACK_PACKAGE_CONTACT "${UNCLIP_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "images from prompts, in the way of DALL-E 2")
string(TOLOWER ${CMAKE_SYSTEM_NAME} _system)
set(CPACK_PACKAGE_FILE_NAME unclip-${PROJECT_VERSION}-${_system}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/archive_options.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/archive_contents.cmake)
set(CPACK_THREADS 0)  # as many as there are processors

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"unclip makes, varies, mixes, changes and searches images with models of the
kind of DALL-E 2 (unCLIP), such as Karlo. A small model comes with it, and so
do libtorch, which computes on the processor, and a C++ library.")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)  # for `unclip pull`
set(CPACK_DEBIAN_PACKAGE_SUGGESTS gnuplot-nox)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)  # a tenth of the time of xz
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers)

# For cmake/archive_options.cmake, which finds the packages that unclip depends on.
set(CPACK_UNCLIP_BUILD_DIR ${PROJECT_BINARY_DIR})
set(CPACK_UNCLIP_TORCH_DIR ${UNCLIP_TORCH_DIR})

include(CPack)
