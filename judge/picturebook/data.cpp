#include "judge/picturebook/data.h"

// The assembler inserts the files' bytes between the symbols; CMake makes this source depend on the
// files.
asm(".pushsection .rodata\n"
    ".hidden unclip_judge_templates_begin\n"
    ".global unclip_judge_templates_begin\n"
    "unclip_judge_templates_begin:\n"
    ".incbin \"" UNCLIP_JUDGE_PICTUREBOOK
    "/templates.png\"\n"
    ".hidden unclip_judge_names_begin\n"
    ".global unclip_judge_names_begin\n"
    "unclip_judge_names_begin:\n"
    ".incbin \"" UNCLIP_JUDGE_PICTUREBOOK
    "/names.tsv\"\n"
    ".hidden unclip_judge_names_end\n"
    ".global unclip_judge_names_end\n"
    "unclip_judge_names_end:\n"
    ".popsection\n");
extern "C" const char unclip_judge_templates_begin[], unclip_judge_names_begin[],
    unclip_judge_names_end[];

namespace unclip::judge::picturebook {

std::string_view templates_png() {
  return {unclip_judge_templates_begin, unclip_judge_names_begin};
}

std::string_view names_tsv() { return {unclip_judge_names_begin, unclip_judge_names_end}; }

}  // namespace unclip::judge::picturebook
