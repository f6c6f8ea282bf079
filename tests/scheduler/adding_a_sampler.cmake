# Takes the steps of "Adding a sampler" in docs/SCHEDULERS.md: writes newcomer.cpp, the text that stands
# there, and registry.cpp, with the line that it asks for, to OUTPUT_DIR.
#
#   cmake -DSOURCE_DIR=... -DOUTPUT_DIR=... -P adding_a_sampler.cmake

cmake_minimum_required(VERSION 3.25)

file(READ ${SOURCE_DIR}/docs/SCHEDULERS.md page)
string(FIND "${page}" "## Adding a sampler" begin)
string(SUBSTRING "${page}" ${begin} -1 page)
string(FIND "${page}" "```cpp\n" begin)
math(EXPR begin "${begin} + 7")
string(SUBSTRING "${page}" ${begin} -1 page)
string(FIND "${page}" "```" end)
string(SUBSTRING "${page}" 0 ${end} text)

file(READ ${SOURCE_DIR}/scheduler/euler.cpp euler)
if(NOT text STREQUAL euler)
  message(FATAL_ERROR "docs/SCHEDULERS.md shows another scheduler/euler.cpp than there is")
endif()
string(REPLACE "Euler final" "Newcomer final" text "${text}")
string(REPLACE "make_unique<Euler>" "make_unique<Newcomer>" text "${text}")
string(REPLACE "make_euler" "make_newcomer" text "${text}")
file(WRITE ${OUTPUT_DIR}/newcomer.cpp "${text}")

file(READ ${SOURCE_DIR}/scheduler/registry.cpp registry)
string(REGEX REPLACE "(#define UNCLIP_SAMPLERS\\(X\\)[ ]*\\\\\n)" "\\1  X(newcomer) \\\\\n" with_line "${registry}")
if(with_line STREQUAL registry)
  message(FATAL_ERROR "scheduler/registry.cpp has no list UNCLIP_SAMPLERS")
endif()
file(WRITE ${OUTPUT_DIR}/registry.cpp "${with_line}")
