# Run by `cmake --install` with `program`: the built program writes its man pages and the completions of
# the shells. A program that does not know how is installed without them.

set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")

# Writes what the program prints to a file of share/.
function(generate file)
  execute_process(COMMAND "${program}" ${ARGN} OUTPUT_VARIABLE text ERROR_QUIET RESULT_VARIABLE result)
  if(result EQUAL 0 AND NOT text STREQUAL "")
    file(WRITE "${share}/${file}" "${text}")
    message(STATUS "Installing: ${share}/${file}")
    set(CMAKE_INSTALL_MANIFEST_FILES "${CMAKE_INSTALL_MANIFEST_FILES};${share}/${file}" PARENT_SCOPE)
    set(text "${text}" PARENT_SCOPE)
  else()
    set(text "" PARENT_SCOPE)
  endif()
endfunction()

generate(bash-completion/completions/unclip --generate-completion bash)
generate(zsh/site-functions/_unclip --generate-completion zsh)
generate(fish/vendor_completions.d/unclip.fish --generate-completion fish)
generate(man/man1/unclip.1 --generate-man)
# The page of the program refers to one page for each command: \fBunclip\-COMMAND\fR(1).
string(REGEX MATCHALL "unclip[\\]-[a-z]+[\\]fR[(]1[)]" references "${text}")
foreach(reference ${references})
  string(REGEX REPLACE "unclip[\\]-([a-z]+).*" "\\1" verb "${reference}")
  generate(man/man1/unclip-${verb}.1 --generate-man ${verb})
endforeach()
