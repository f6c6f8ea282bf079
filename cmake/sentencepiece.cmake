# The target sentencepiece::sentencepiece. Its pkg-config file also names the library that trains models.

find_path(UNCLIP_SENTENCEPIECE_INCLUDE sentencepiece_processor.h)
find_library(UNCLIP_SENTENCEPIECE_LIBRARY sentencepiece)
if(NOT UNCLIP_SENTENCEPIECE_INCLUDE OR NOT UNCLIP_SENTENCEPIECE_LIBRARY)
  message(FATAL_ERROR "libsentencepiece is missing: apt-get install libsentencepiece-dev")
endif()
add_library(sentencepiece::sentencepiece UNKNOWN IMPORTED)
set_target_properties(sentencepiece::sentencepiece PROPERTIES
  IMPORTED_LOCATION "${UNCLIP_SENTENCEPIECE_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${UNCLIP_SENTENCEPIECE_INCLUDE}")
