#include "world/picturebook/data.h"

// The assembler inserts the files' bytes between the symbols; CMake makes this source depend on the
// files.
asm(".pushsection .rodata\n"
    ".hidden unclip_picturebook_atlas_begin\n"
    ".global unclip_picturebook_atlas_begin\n"
    "unclip_picturebook_atlas_begin:\n"
    ".incbin \"" UNCLIP_PICTUREBOOK
    "/atlas.png\"\n"
    ".hidden unclip_picturebook_objects_begin\n"
    ".global unclip_picturebook_objects_begin\n"
    "unclip_picturebook_objects_begin:\n"
    ".incbin \"" UNCLIP_PICTUREBOOK
    "/objects.tsv\"\n"
    ".hidden unclip_picturebook_objects_end\n"
    ".global unclip_picturebook_objects_end\n"
    "unclip_picturebook_objects_end:\n"
    ".popsection\n");
extern "C" const char unclip_picturebook_atlas_begin[], unclip_picturebook_objects_begin[],
    unclip_picturebook_objects_end[];

namespace unclip::world::picturebook {

std::string_view atlas_png() {
  return {unclip_picturebook_atlas_begin, unclip_picturebook_objects_begin};
}

std::string_view objects_tsv() {
  return {unclip_picturebook_objects_begin, unclip_picturebook_objects_end};
}

}  // namespace unclip::world::picturebook
