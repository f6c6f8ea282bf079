#include "tests/fuzz/target.h"
#include "train/plot.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(training_log) {
  for (const auto& curve : train::parse_log(bytes, "x")) {
    fuzz::expect(!curve.values.empty(), "a figure has values");
  }
}

}  // namespace unclip
