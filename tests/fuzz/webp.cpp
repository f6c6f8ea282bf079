#include <ATen/core/Tensor.h>

#include "image/image_texts.h"
#include "image/read_webp.h"
#include "tests/fuzz/limits.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(webp, "images/*.webp") {
  texts_of_metadata(decode_webp_metadata(bytes, "x"));
  const auto image = decode_webp(bytes, "x", fuzz::kLimits);
  fuzz::expect(image.rgb.dim() == 3 && image.rgb.size(0) == 3, "an image is (3, H, W)");
}

}  // namespace unclip
