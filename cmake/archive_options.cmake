# Read by cpack before it makes an archive or a Debian package.

# An archive with libtorch's CUDA part would take 3 GB more, and one with links to libtorch could not be
# moved.
set(ENV{UNCLIP_LIBTORCH} cpu)

# The Debian packages of the shared libraries that the program, the library and libtorch link. CPack's own
# way (CPACK_DEBIAN_PACKAGE_SHLIBDEPS) first runs file(1) on each of libtorch's 10,000 headers.
function(find_dependencies result)
  find_program(SHLIBDEPS dpkg-shlibdeps)
  if(NOT SHLIBDEPS)
    message(FATAL_ERROR "the Debian package needs dpkg-shlibdeps, which was not found; "
      "run cmake/install_dependencies.sh --package")
  endif()
  set(torch ${CPACK_UNCLIP_TORCH_DIR}/torch/lib)
  set(cuda ${CPACK_UNCLIP_TORCH_DIR}/nvidia/cu13/lib)
  set(files ${CPACK_UNCLIP_BUILD_DIR}/unclip ${CPACK_UNCLIP_BUILD_DIR}/libunclip.so
    ${torch}/libtorch_cpu.so ${torch}/libc10.so ${torch}/libgomp.so.1
    ${cuda}/libcudart.so.13 ${cuda}/libcupti.so.13)
  foreach(file ${files})
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "expected ${file}, found no such file; build the target package")
    endif()
  endforeach()
  # dpkg-shlibdeps expects the source of a Debian package in the working folder.
  set(source ${CPACK_UNCLIP_BUILD_DIR}/shlibdeps)
  file(WRITE ${source}/debian/control "Source: unclip\n\nPackage: unclip\nArchitecture: any\n")
  # What the folders after -l hold, libgomp too, comes with the package: no Debian package is needed for it.
  execute_process(COMMAND ${SHLIBDEPS} --ignore-missing-info -xlibgomp1 -l${torch} -l${cuda} -O ${files}
    WORKING_DIRECTORY ${source} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0 OR NOT output MATCHES "shlibs:Depends=([^\n]+)")
    message(FATAL_ERROR "expected ${SHLIBDEPS} to print shlibs:Depends, found:\n${output}${errors}")
  endif()
  set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

if(CPACK_GENERATOR STREQUAL "DEB")
  find_dependencies(CPACK_DEBIAN_PACKAGE_DEPENDS)
endif()
