#include <ATen/core/Tensor.h>

#include "image/read_bmp.h"
#include "tests/fuzz/limits.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(bmp, "images/*.bmp") {
  const auto image = decode_bmp(bytes, "x", fuzz::kLimits);
  fuzz::expect(image.rgb.dim() == 3 && image.rgb.size(0) == 3, "an image is (3, H, W)");
}

}  // namespace unclip
