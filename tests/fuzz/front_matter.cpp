#include "base/front_matter.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(front_matter) {
  const auto values = front_matter_values(bytes, "prior");
  fuzz::expect(values.size() <= 16, "at most 16 values");
  for (const auto& value : values) {
    fuzz::expect(value.find('\n') == value.npos, "a value is on one line");
    fuzz::expect(bytes.find(value) != bytes.npos, "a value is a part of the text");
  }
}

}  // namespace unclip
