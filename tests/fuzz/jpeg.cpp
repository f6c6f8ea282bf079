#include <ATen/core/Tensor.h>

#include "image/image_texts.h"
#include "image/read_jpeg.h"
#include "tests/fuzz/limits.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(jpeg, "pictures/*.jpg", "images/exif_in_two_segments.jpg") {
  texts_of_metadata(decode_jpeg_metadata(bytes, "x", fuzz::kLimits));
  const auto image = decode_jpeg(bytes, "x", fuzz::kLimits);
  fuzz::expect(image.rgb.dim() == 3 && image.rgb.size(0) == 3, "an image is (3, H, W)");
}

}  // namespace unclip
