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
set(arrows_hub weights base)
set(arrows_clip nn kernels base)
set(arrows_prior nn kernels base)
set(arrows_unet nn kernels base)
set(arrows_vae nn kernels base)
set(arrows_scheduler nn kernels base)
set(arrows_pipeline scheduler weights image nn kernels base)
set(arrows_families pipeline clip prior unet vae scheduler weights image nn kernels base)
set(arrows_embedding scheduler weights image nn kernels base)
set(arrows_engine families embedding pipeline scheduler weights image nn kernels base)
set(arrows_search pipeline embedding weights image nn kernels base)
set(arrows_judge image kernels base)
set(arrows_lab judge engine families embedding pipeline scheduler weights image nn kernels base)
set(arrows_cli lab search hub engine families embedding pipeline scheduler weights image nn kernels base)
set(arrows_world image kernels base)
set(arrows_train world judge lab search engine families embedding pipeline clip prior unet vae scheduler
  weights image nn kernels base)
set(all tests bench base kernels nn image weights hub clip prior unet vae scheduler pipeline families embedding
  engine search judge lab cli world train)  # from the ground up
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

# --- Link dependencies ---

# Libraries that lie in another folder than their name says.
set(folder_of_tokenizer clip)
set(folder_of_picturebook world)
set(folder_of_picturebook_judge judge)

file(STRINGS ${BUILD_DIR}/links.txt links)
set(linked 0)
foreach(line ${links})
  separate_arguments(modules UNIX_COMMAND "${line}")
  set(folders)
  foreach(module ${modules})
    if(DEFINED folder_of_${module})
      list(APPEND folders ${folder_of_${module}})
    else()
      list(APPEND folders ${module})
    endif()
  endforeach()
  list(POP_FRONT folders folder)
  foreach(dependency ${folders})
    math(EXPR linked "${linked} + 1")
    if(NOT dependency STREQUAL folder AND NOT dependency IN_LIST arrows_${folder})
      list(APPEND wrong "unclip_${folder} links unclip_${dependency}: there is no such arrow")
    endif()
  endforeach()
endforeach()
if(linked LESS 30)
  list(APPEND wrong "only ${linked} link dependencies are found in ${BUILD_DIR}/links.txt")
endif()

# The arrows lead down only: a folder comes after those that it points to.
set(below)
foreach(folder ${all})
  foreach(arrow ${arrows_${folder}})
    if(NOT folder MATCHES "^(tests|bench)$" AND NOT arrow IN_LIST below)
      list(APPEND wrong "the arrow ${folder} -> ${arrow} leads up, or is part of a cycle")
    endif()
  endforeach()
  list(APPEND below ${folder})
endforeach()

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
  if(NOT symbols MATCHES "unclip::Engine::generate")
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

# --- Vector sources share no function with sources for any processor ---

string(REPLACE "|" ";" objects "${VECTOR_OBJECTS}")
foreach(object ${objects})
  execute_process(COMMAND ${NM} --demangle ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]* [WVu] [^\n]*" weak "${symbols}")
  foreach(symbol ${weak})
    # DW.ref.* is a pointer to a function of the C++ library, which sanitized code has.
    if(NOT symbol MATCHES "unclip::avx(2|512)::|DW\\.ref\\.")
      list(APPEND wrong "${object} shares with other sources: ${symbol}")
    endif()
  endforeach()
endforeach()

if(wrong)
  list(JOIN wrong "\n  " wrong)
  message(FATAL_ERROR "the layers are not kept:\n  ${wrong}")
endif()
message(STATUS "${number} sources follow the arrows")
