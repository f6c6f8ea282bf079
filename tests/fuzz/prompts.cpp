#include <sstream>

#include "cli/prompts.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(prompts) {
  std::istringstream in{std::string(bytes)};
  cli::LineReader lines("-", in, "prompt", /*comments=*/true);
  while (const auto line = lines.next()) cli::unknown_words(*line, {"a", "ball", "red"});
}

}  // namespace unclip
