#include "cli/read_recipe.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(recipe) { cli::parse_recipe(bytes, "x"); }

}  // namespace unclip
