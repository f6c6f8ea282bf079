#include "cli/terminal_query.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(terminal_answer) { cli::graphics_of_answer(bytes); }

}  // namespace unclip
