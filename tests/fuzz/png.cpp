#include <ATen/core/Tensor.h>

#include "image/image_texts.h"
#include "image/png_samples.h"
#include "tests/fuzz/limits.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(png, "pictures/*.png", "images/*.png") {
  texts_of_metadata(decode_png_metadata(bytes, "x", fuzz::kLimits));
  const auto image = decode_png(bytes, "x", fuzz::kLimits);
  fuzz::expect(image.rgb.dim() == 3 && image.rgb.size(0) == 3, "an image is (3, H, W)");
}

}  // namespace unclip
