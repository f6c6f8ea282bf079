cmake_minimum_required(VERSION 3.25)

# run(COMMAND...): runs a command, and fails unless it exits with 0. Its output is in ${output}.
# expect_output(TEXT): fails unless ${output} holds the text.

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
unset(ENV{UNCLIP_LIBTORCH})
unset(ENV{UNCLIP_TORCH_DIR})
unset(ENV{LD_LIBRARY_PATH})
unset(ENV{DESTDIR})
