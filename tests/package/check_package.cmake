# Installs the build tree to a scratch folder, moves it, and tries what a user of the package has: the
# program with its model, and the library, by the words of docs/INSTALL.md.

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

# Sets `result` to the first block of code in a language that the document shows.
function(read_block language result)
  file(READ ${DOCUMENT} text)
  set(begin "\n```${language}\n")
  string(LENGTH "${begin}" length)
  string(FIND "${text}" "${begin}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${DOCUMENT}: has no block of ${language}")
  endif()
  math(EXPR position "${position} + ${length}")
  string(SUBSTRING "${text}" ${position} -1 text)
  string(FIND "${text}" "\n```\n" position)
  string(SUBSTRING "${text}" 0 ${position} text)
  set(${result} "${text}\n" PARENT_SCOPE)
endfunction()

# The consumer's build stays: it is compiled again only if something has changed.
file(REMOVE_RECURSE ${SCRATCH_DIR}/installed ${SCRATCH_DIR}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${SCRATCH_DIR}/installed)
# A package finds its own files wherever it lies.
file(RENAME ${SCRATCH_DIR}/installed ${SCRATCH_DIR}/prefix)
set(prefix ${SCRATCH_DIR}/prefix)

run(${prefix}/bin/unclip --version)
expect_output(${VERSION})
run(${prefix}/bin/unclip info)
expect_output(${prefix}/share/unclip/toybox)
run(${prefix}/bin/unclip models)
expect_output(toybox)

# Both find the installed libtorch: the one that they were built with may be another user's.
foreach(file bin/unclip lib/libunclip.so)
  run(ldd ${prefix}/${file})
  expect_output("libtorch_cpu.so => ${prefix}/")
endforeach()

read_block(cmake list_file)
read_block(cpp source)
file(CONFIGURE OUTPUT ${SCRATCH_DIR}/project/CMakeLists.txt CONTENT "@list_file@" @ONLY)
file(CONFIGURE OUTPUT ${SCRATCH_DIR}/project/my_program.cpp CONTENT "@source@" @ONLY)
run(${CMAKE_COMMAND} -S ${SCRATCH_DIR}/project -B ${SCRATCH_DIR}/consumer -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_FLAGS=${CXX_FLAGS})
run(${CMAKE_COMMAND} --build ${SCRATCH_DIR}/consumer)
file(REMOVE_RECURSE ${SCRATCH_DIR}/images)
file(MAKE_DIRECTORY ${SCRATCH_DIR}/images)
run(${CMAKE_COMMAND} -E chdir ${SCRATCH_DIR}/images
  ${SCRATCH_DIR}/consumer/my_program ${prefix}/share/unclip/toybox)
foreach(image 7.png 8.png)
  if(NOT EXISTS ${SCRATCH_DIR}/images/${image})
    message(FATAL_ERROR "the program of ${DOCUMENT} has not written ${image}:\n${output}")
  endif()
endforeach()
