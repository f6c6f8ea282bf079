#include "image/encode_image.h"

#include <algorithm>

#include "base/error.h"
#include "image/encode_jpeg.h"
#include "image/encode_webp.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip {

int64_t largest_side(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
      return 65500;  // JPEG_MAX_DIMENSION
    case ImageFormat::kWebp:
      return 16383;  // WEBP_MAX_DIMENSION
    default:
      return kPngLimits.side;
  }
}

std::string encode_image(const at::Tensor& image, const std::vector<PngText>& texts,
                         const EncodeOptions& options) {
  const auto side = std::max(image.size(1), image.size(2));
  if (side > largest_side(options.format)) {
    fail("an image of ", image.size(2), " x ", image.size(1), " pixels: expected at most ",
         largest_side(options.format), " rows and columns for ", format_name(options.format));
  }
  switch (options.format) {
    case ImageFormat::kPng:
      return encode_png(image, texts);
    case ImageFormat::kJpeg:
      return encode_jpeg(image, texts, options.quality);
    case ImageFormat::kWebp:
      return encode_webp(image, texts, options.quality);
    default:
      TORCH_CHECK(false, "encode_image: ", format_name(options.format), " is not written");
  }
}

}  // namespace unclip
