#include "scheduler/scheduler.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(walk_text) {
  const auto written = walk_text(parse_walk(std::string(bytes)));
  fuzz::expect(walk_text(parse_walk(written)) == written, "a walk reads back as it was written");
}

}  // namespace unclip
