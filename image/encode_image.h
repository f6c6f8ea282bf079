#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "image/image_format.h"
#include "image/png_text.h"

namespace unclip {

struct EncodeOptions {
  ImageFormat format = ImageFormat::kPng;  ///< one that `is_written`
  int quality = 90;  ///< of JPEG and WebP, 1 to 100; a WebP of 100 loses nothing
};

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a file with the texts: in a PNG as its own
/// texts, in others as EXIF and XMP (see image_texts.h). JPEG of a quality of 90 or more keeps the
/// colours of every pixel. Throws Error if the format holds no image of that size.
std::string encode_image(const at::Tensor& image, const std::vector<PngText>& texts,
                         const EncodeOptions& options);

/// How large a side of an image in the format may be, in pixels.
int64_t largest_side(ImageFormat format);

}  // namespace unclip
