# Makes the archive and the Debian package of the build tree, unpacks both, and paints with them.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${SCRATCH_DIR})
file(MAKE_DIRECTORY ${SCRATCH_DIR})
# What the target package does, without the time that it takes to compress the Debian package.
run(${CPACK} --config ${BUILD_DIR}/CPackConfig.cmake -B ${SCRATCH_DIR} -D CPACK_DEBIAN_COMPRESSION_TYPE=none)
file(REMOVE_RECURSE ${SCRATCH_DIR}/_CPack_Packages)
file(GLOB archive ${SCRATCH_DIR}/unclip-${VERSION}-linux-*.tar.gz)
file(GLOB deb ${SCRATCH_DIR}/unclip_${VERSION}_*.deb)
foreach(file "${archive}" "${deb}")
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "expected one archive and one Debian package in ${SCRATCH_DIR}, found '${file}'")
  endif()
endforeach()
run(${CMAKE_COMMAND} -E rename ${deb} ${SCRATCH_DIR}/unclip.deb)
cmake_path(GET archive FILENAME name)
string(REPLACE ".tar.gz" "" name ${name})

# The image that the others are compared with.
run(${CMAKE_COMMAND} -E chdir ${SCRATCH_DIR} ${BUILD_DIR}/unclip "a red ball" -s 1 --preset fast -q -o expected.png)

# Nothing that the installing user's environment says helps the program.
function(paint_with prefix)
  foreach(file bin/unclip lib/libunclip.so)
    run(ldd ${prefix}/${file})
    expect_output("libtorch_cpu.so => ${prefix}/")
    string(FIND "${output}" "not found" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${prefix}/${file} lacks a library:\n${output}")
    endif()
  endforeach()
  foreach(file lib/libunclip_cuda.so lib/unclip/torch/lib/libtorch_cuda.so)
    if(EXISTS ${prefix}/${file})
      message(FATAL_ERROR "expected no CUDA part, found ${prefix}/${file}")
    endif()
  endforeach()
  file(MAKE_DIRECTORY ${prefix}/images)
  run(${CMAKE_COMMAND} -E chdir ${prefix}/images env -i PATH=/nonexistent HOME=/nonexistent OMP_NUM_THREADS=1
    ${prefix}/bin/unclip "a red ball" -s 1 --preset fast -q -o ball.png)
  run(${CMAKE_COMMAND} -E compare_files ${SCRATCH_DIR}/expected.png ${prefix}/images/ball.png)
endfunction()

# --- The archive ---

file(MAKE_DIRECTORY ${SCRATCH_DIR}/unpacked)
run(${CMAKE_COMMAND} -E chdir ${SCRATCH_DIR}/unpacked ${CMAKE_COMMAND} -E tar xf ${archive})
file(GLOB top RELATIVE ${SCRATCH_DIR}/unpacked ${SCRATCH_DIR}/unpacked/*)
if(NOT top STREQUAL name)
  message(FATAL_ERROR "expected the archive to hold one folder, ${name}, found ${top}")
endif()
file(RENAME ${SCRATCH_DIR}/unpacked/${top} "${SCRATCH_DIR}/elsewhere")
paint_with(${SCRATCH_DIR}/elsewhere)
foreach(file share/man/man1/unclip.1 lib/cmake/unclip/unclipConfig.cmake share/doc/unclip/LICENSE
    share/doc/unclip/LICENSE.libtorch share/doc/unclip/LICENSE.cuda-runtime)
  if(NOT EXISTS ${SCRATCH_DIR}/elsewhere/${file})
    message(FATAL_ERROR "the archive lacks ${file}")
  endif()
endforeach()

# --- The Debian package ---

run(dpkg-deb -f ${SCRATCH_DIR}/unclip.deb)
foreach(line "Package: unclip" "Version: ${VERSION}" "Section: graphics" "Maintainer: ")
  expect_output("${line}")
endforeach()
# What the program links, by the names of Debian's packages.
run(dpkg-deb -f ${SCRATCH_DIR}/unclip.deb Depends)
foreach(package libc6 libstdc++6 libpng16 libcurl4 libheif1 libicu libsentencepiece0 libwebp7)
  expect_output("${package}")
endforeach()
run(dpkg-deb -c ${SCRATCH_DIR}/unclip.deb)
string(REGEX MATCHALL "[^\n]*\n" lines "${output}")
foreach(line ${lines})
  if(NOT line MATCHES "root/root .* \\./usr/")
    message(FATAL_ERROR "expected files of root in /usr only, found:\n${line}")
  endif()
endforeach()
foreach(file bin/unclip lib/libunclip.so.${VERSION} share/zsh/vendor-completions/_unclip
    share/unclip/toybox/model_index.json share/doc/unclip/copyright)
  expect_output(" ./usr/${file}\n")
endforeach()
run(dpkg-deb -x ${SCRATCH_DIR}/unclip.deb ${SCRATCH_DIR}/debian)
paint_with(${SCRATCH_DIR}/debian/usr)
