# The archive and the Debian package that check_archive.cmake has unpacked run where there is nothing but
# the shared libraries of the packages that the Debian package depends on: no other file of this machine.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

execute_process(COMMAND unshare --map-root-user --mount true RESULT_VARIABLE result ERROR_QUIET)
if(NOT result EQUAL 0)
  message("skipped: this user cannot make a root of its own, by unshare")
  return()
endif()

set(root ${SCRATCH_DIR}/root)
file(REMOVE_RECURSE ${root})
run(dpkg-deb -f ${SCRATCH_DIR}/unclip.deb Depends)
string(REGEX REPLACE " *\\([^)]*\\)|\n" "" packages "${output}")
string(REGEX REPLACE ", *" ";" packages "${packages}")
run(sh ${CMAKE_CURRENT_LIST_DIR}/make_root.sh ${root} ${packages})

# A user of the archive installs them by the words of the document; every Debian has the first four.
file(READ ${DOCUMENT} document)
list(REMOVE_ITEM packages libc6 libgcc-s1 libstdc++6 zlib1g)
list(JOIN packages " " words)
string(FIND "${document}" "sudo apt install ${words}\n" position)
if(position EQUAL -1)
  message(FATAL_ERROR "${DOCUMENT}: expected the line 'sudo apt install ${words}'")
endif()

function(paint_in_root where program image)
  run(sh ${CMAKE_CURRENT_LIST_DIR}/run_in_root.sh ${root} ${program} info)
  expect_output("${where}/share/unclip/toybox")
  run(sh ${CMAKE_CURRENT_LIST_DIR}/run_in_root.sh ${root}
    ${program} "a red ball" -s 1 --preset fast -q -o /home/${image})
  run(${CMAKE_COMMAND} -E compare_files ${SCRATCH_DIR}/expected.png ${root}/home/${image})
endfunction()

# As dpkg would install it: the command is in PATH.
run(sh -c "cp -RlP '${SCRATCH_DIR}/debian/usr/.' '${root}/usr/'")
paint_in_root(/usr unclip of_debian.png)

# The archive, by itself.
foreach(folder bin/unclip lib/unclip lib/libunclip.so share/unclip)
  file(REMOVE_RECURSE ${root}/usr/${folder})
endforeach()
run(sh -c "mkdir -p '${root}/opt' && cp -RlP '${SCRATCH_DIR}/elsewhere' '${root}/opt/a folder'")
paint_in_root("/opt/a folder" "/opt/a folder/bin/unclip" of_archive.png)
