#include <ATen/core/Tensor.h>

#include "image/read_tiff.h"
#include "tests/fuzz/limits.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(tiff, "images/*.tiff") {
  const auto image = decode_tiff(bytes, "x", fuzz::kLimits);
  fuzz::expect(image.rgb.dim() == 3 && image.rgb.size(0) == 3, "an image is (3, H, W)");
}

}  // namespace unclip
