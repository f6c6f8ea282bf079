#include "scheduler/schedule_file.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(schedule_csv) {
  const auto choice = parse_schedule_csv(bytes, "x");
  for (const float a : schedule_of_numbers(choice, "x").alpha_bar) {
    fuzz::expect(a >= 0 && a <= 1, "alpha_bar is between 0 and 1");
  }
}

}  // namespace unclip
