# What check_package.cmake has installed runs for a user who may read none of the installing user's own
# files.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(SETPRIV setpriv)
if(NOT user EQUAL 0 OR NOT SETPRIV)
  message("skipped: only root can run a program as another user, by setpriv")
  return()
endif()
set(prefix ${SCRATCH_DIR}/prefix)
set(as_nobody ${SETPRIV} --reuid=65534 --regid=65534 --clear-groups env -i HOME=/nonexistent
  PATH=/usr/bin:/bin OMP_NUM_THREADS=1)
execute_process(COMMAND ${as_nobody} test -x ${prefix}/bin/unclip RESULT_VARIABLE result ERROR_QUIET)
if(NOT result EQUAL 0)
  message("skipped: other users cannot enter ${prefix}")
  return()
endif()

set(home ${SCRATCH_DIR}/nobody)
file(REMOVE_RECURSE ${home})
file(MAKE_DIRECTORY ${home})
run(chown 65534:65534 ${home})
run(${CMAKE_COMMAND} -E chdir ${home} ${as_nobody} ${prefix}/bin/unclip info)
expect_output("${prefix}/share/unclip/toybox")
run(${CMAKE_COMMAND} -E chdir ${home} ${as_nobody}
  ${prefix}/bin/unclip "a red ball" -s 1 --preset fast -q -o ball.png)
expect_output("ball.png")
run(${CMAKE_COMMAND} -E chdir ${home} ${as_nobody}
  ${SCRATCH_DIR}/consumer/my_program ${prefix}/share/unclip/toybox)
if(NOT EXISTS ${home}/7.png)
  message(FATAL_ERROR "the library's program has written no image:\n${output}")
endif()
