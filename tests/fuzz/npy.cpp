#include <ATen/core/Tensor.h>

#include "tests/fuzz/target.h"
#include "weights/npy.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(npy) {
  const auto x = parse_npy(bytes, "x");
  fuzz::expect(parse_npy(npy_bytes(x), "x").sizes() == x.sizes(), "what was read can be written");
}

}  // namespace unclip
