# Test: includes follow the arrows, and nothing that the program or the library links reaches what is
# there for training alone.
#
#   cmake -DSOURCE_DIR=... -DBUILD_DIR=... -DPROGRAM=... -DLIBRARY=... -DNM=... [-DNINJA=...]
#         -P check_layers.cmake

cmake_minimum_required(VERSION 3.25)

# folder -> the folders that it may include; tests and bench may include all.
set(arrows_base)
set(arrows_kernels base)
set(arrows_nn kernels base)
set(arrows_image kernels base)
set(arrows_weights nn kernels base)
set(arrows_clip nn kernels base)
set(arrows_prior nn kernels base)
set(arrows_unet nn kernels base)
set(arrows_scheduler nn kernels base)
set(arrows_pipeline clip prior unet scheduler weights image nn kernels base)
set(arrows_search pipeline weights image nn kernels base)
set(arrows_judge image kernels base)
set(arrows_lab judge pipeline scheduler weights image nn kernels base)
set(arrows_cli lab search pipeline scheduler weights image nn kernels base)
set(arrows_world image kernels base)
set(arrows_train world judge lab search pipeline clip prior unet scheduler weights image nn kernels base)
set(all tests bench base kernels nn image weights clip prior unet scheduler pipeline judge search lab cli
  world train)
set(arrows_tests ${all})
set(arrows_bench ${all})
set(for_training world train)

set(wrong "")

# --- Includes ---

file(GLOB_RECURSE sources RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*.h ${SOURCE_DIR}/*.cpp
  ${SOURCE_DIR}/*.cu ${SOURCE_DIR}/*.cuh)
list(FILTER sources EXCLUDE REGEX "^(build|\\.[^/]*)/")
foreach(source ${sources})
  string(REGEX REPLACE "/.*" "" folder ${source})
  if(NOT folder IN_LIST all)
    list(APPEND wrong "${source}: ${folder}/ has no arrows in cmake/check_layers.cmake")
    continue()
  endif()
  file(STRINGS ${SOURCE_DIR}/${source} includes REGEX "^[ \t]*#[ \t]*include[ \t]*\"")
  foreach(line ${includes})
    string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*" "\\1" included "${line}")
    string(REGEX REPLACE "/.*" "" included_folder "${included}")
    if(NOT included_folder STREQUAL folder AND NOT included_folder IN_LIST arrows_${folder})
      list(APPEND wrong "${source} includes ${included}: there is no such arrow")
    endif()
  endforeach()
endforeach()
list(LENGTH sources number)
if(number LESS 100)
  list(APPEND wrong "only ${number} sources are found in ${SOURCE_DIR}")
endif()

# --- What is linked ---

list(JOIN for_training "|" any)

function(check_inputs target)
  execute_process(COMMAND ${NINJA} -C ${BUILD_DIR} -t inputs ${target}
    OUTPUT_VARIABLE inputs COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" inputs "${inputs}")
  string(REPLACE "${BUILD_DIR}/" "" inputs "${inputs}")
  string(REPLACE "${SOURCE_DIR}/" "" inputs "${inputs}")
  set(expected ${inputs})
  list(FILTER expected INCLUDE REGEX "^pipeline/.*\\.o$")
  if(NOT expected)
    list(APPEND wrong "ninja tells nothing of what ${target} is made of")
  endif()
  list(FILTER inputs INCLUDE REGEX "^(${any})/")
  foreach(input ${inputs})
    list(APPEND wrong "${target} is made of ${input}")
  endforeach()
  set(wrong ${wrong} PARENT_SCOPE)
endfunction()

function(check_symbols file)
  execute_process(COMMAND ${NM} --demangle ${file} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "unclip::TextToImage::generate")
    list(APPEND wrong "nm tells nothing of what is in ${file}")
  endif()
  string(REGEX MATCHALL "unclip::(${any})::[a-zA-Z_0-9]+" found "${symbols}")
  list(REMOVE_DUPLICATES found)
  foreach(symbol ${found})
    list(APPEND wrong "${file} holds ${symbol}")
  endforeach()
  set(wrong ${wrong} PARENT_SCOPE)
endfunction()

if(NINJA)
  check_inputs(unclip)
  check_inputs(unclip_library)
endif()
check_symbols(${PROGRAM})
check_symbols(${LIBRARY})

if(wrong)
  list(JOIN wrong "\n  " wrong)
  message(FATAL_ERROR "the layers are not kept:\n  ${wrong}")
endif()
message(STATUS "${number} sources follow the arrows")
