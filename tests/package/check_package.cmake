# Installs the build tree to a scratch folder, moves it, and tries what a user of the package has: the
# program with its model, and the library through find_package(unclip).

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: ${result}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_output text)
  string(FIND "${output}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "the output lacks '${text}':\n${output}")
  endif()
endfunction()

unset(ENV{UNCLIP_MODEL})
unset(ENV{DESTDIR})
# The consumer's build stays: where nothing has changed it is not compiled again.
file(REMOVE_RECURSE ${SCRATCH_DIR}/installed ${SCRATCH_DIR}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${SCRATCH_DIR}/installed)
# A package finds its own files wherever it lies.
file(RENAME ${SCRATCH_DIR}/installed ${SCRATCH_DIR}/prefix)
set(prefix ${SCRATCH_DIR}/prefix)

run(${prefix}/bin/unclip --version)
expect_output(${VERSION})
run(${prefix}/bin/unclip info)
expect_output(${prefix}/share/unclip/toybox)

run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${SCRATCH_DIR}/consumer -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_FLAGS=${CXX_FLAGS}
  -DWANTED_VERSION=${VERSION})
run(${CMAKE_COMMAND} --build ${SCRATCH_DIR}/consumer)
run(${SCRATCH_DIR}/consumer/consumer ${prefix}/share/unclip/toybox)
expect_output("tokens: ")
expect_output("/nowhere: does not exist")
