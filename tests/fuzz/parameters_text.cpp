#include "cli/parse_parameters.h"
#include "cli/read_recipe.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(parameters_text) {
  cli::parse_parameters(bytes);
  cli::recipe_of_parameters(bytes, "x");
}

}  // namespace unclip
