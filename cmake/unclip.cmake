# unclip_module(<name> SOURCES <file>... DEPENDS <module>... [LIBRARIES <target>...] [TORCH] [LIGHT])
#   A folder's library, unclip_<name>. TORCH: its sources use libtorch. LIGHT: they compute nothing
#   themselves, so in a release they are compiled with -O1, which takes a third less time.
# unclip_test(<name> SOURCES <file>... DEPENDS <module>... [LIBRARIES <target>...] [TORCH])
#   A folder's tests: one program, one ctest entry.

add_library(unclip_options INTERFACE)
target_compile_features(unclip_options INTERFACE cxx_std_20)
# A member that an initializer leaves out has its default; that is what defaults are for.
target_compile_options(unclip_options INTERFACE -Wall -Wextra -Wpedantic
  -Wno-missing-field-initializers)
if(UNCLIP_WERROR)
  target_compile_options(unclip_options INTERFACE -Werror)
endif()
if(UNCLIP_SANITIZE)
  # GCC's manual: sanitizers add code that makes this warning wrong.
  target_compile_options(unclip_options INTERFACE -Wno-maybe-uninitialized)
  target_compile_options(unclip_options INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(unclip_options INTERFACE -fsanitize=address,undefined)
endif()
if(UNCLIP_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "UNCLIP_FUZZ: expected clang, whose libFuzzer it uses, got "
      "${CMAKE_CXX_COMPILER_ID}; set -DCMAKE_CXX_COMPILER=clang++")
  endif()
  target_compile_options(unclip_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(unclip_options INTERFACE -fsanitize=address,undefined)
endif()
target_include_directories(unclip_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)

# Sources of a folder are compiled several at a time: most of a source's time is libtorch's and the
# standard library's headers. Names in unnamed namespaces are therefore unique in a folder.
set(UNCLIP_UNITY_BATCH 12 CACHE STRING "Sources that are compiled at a time; 1: each by itself")

function(_unclip_target target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TORCH;LIGHT" "" "SOURCES;DEPENDS;LIBRARIES")
  list(TRANSFORM arg_DEPENDS PREPEND unclip_)
  # The layers call the kernels by their names in torch's dispatcher. No symbol leads to them, so the
  # whole archive is linked.
  list(TRANSFORM arg_DEPENDS REPLACE "^unclip_kernels$" "$<LINK_LIBRARY:WHOLE_ARCHIVE,unclip_kernels>")
  target_sources(${target} PRIVATE ${arg_SOURCES})
  target_link_libraries(${target} PUBLIC unclip_options ${arg_DEPENDS} ${arg_LIBRARIES})
  if(arg_TORCH)
    target_link_libraries(${target} PUBLIC unclip::torch)
  endif()
  if(arg_LIGHT)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(UNCLIP_UNITY_BATCH GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${UNCLIP_UNITY_BATCH})
  endif()
endfunction()

function(unclip_module name)
  add_library(unclip_${name} STATIC)
  _unclip_target(unclip_${name} ${ARGN})
endfunction()

function(unclip_test name)
  add_executable(${name}_test)
  _unclip_target(${name}_test LIGHT ${ARGN})
  target_link_libraries(${name}_test PRIVATE GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  # Networks this small lose more to a second thread than they gain; ctest runs programs side by side.
  set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()

# unclip_write_links(<file> <module>...)
#   Writes a line "module dependency..." for each module, of its direct link dependencies among unclip's.
function(unclip_write_links file)
  set(text "")
  foreach(module ${ARGN})
    get_target_property(libraries unclip_${module} LINK_LIBRARIES)
    set(line ${module})
    foreach(library ${libraries})
      if(library MATCHES "unclip_([a-z_]+)" AND NOT CMAKE_MATCH_1 STREQUAL "options")
        list(APPEND line ${CMAKE_MATCH_1})
      endif()
    endforeach()
    list(REMOVE_DUPLICATES line)
    list(JOIN line " " line)
    string(APPEND text "${line}\n")
  endforeach()
  file(WRITE ${file} "${text}")
endfunction()
