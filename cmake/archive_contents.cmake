# Run by cpack on the files that it has collected.

set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
if(CPACK_GENERATOR STREQUAL "DEB")
  string(APPEND root /usr)
endif()
if(NOT EXISTS ${root}/bin/unclip)
  message(FATAL_ERROR "expected ${root}/bin/unclip, found no such file")
endif()

# The plug-in is of no use without libtorch's CUDA part.
file(REMOVE ${root}/lib/libunclip_cuda.so)

# Debian's zsh looks for completions of packages in a folder of its own.
if(CPACK_GENERATOR STREQUAL "DEB" AND EXISTS ${root}/share/zsh/site-functions)
  file(RENAME ${root}/share/zsh/site-functions ${root}/share/zsh/vendor-completions)
endif()
# The name that Debian gives to a package's own licence.
if(CPACK_GENERATOR STREQUAL "DEB")
  file(RENAME ${root}/share/doc/unclip/LICENSE ${root}/share/doc/unclip/copyright)
endif()
