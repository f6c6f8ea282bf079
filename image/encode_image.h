#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "image/image_format.h"
#include "image/png_text.h"

namespace unclip {

struct EncodeOptions {
  ImageFormat format = ImageFormat::kPng;  ///< a format for which is_written() holds
  int quality = 90;  ///< of JPEG and WebP, 1 to 100; a WebP of 100 is lossless
};

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a file with the texts: in a PNG as its own
/// texts, in other formats as EXIF and XMP (see image_texts.h). JPEG with a quality of 90 or more
/// does not subsample the colours. Throws Error if the format cannot hold an image of that size.
std::string encode_image(const at::Tensor& image, const std::vector<PngText>& texts,
                         const EncodeOptions& options);

/// The longest side that an image in the format may have, in pixels.
int64_t largest_side(ImageFormat format);

}  // namespace unclip
