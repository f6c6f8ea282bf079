#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "image/png_text.h"

namespace unclip {

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a WebP, with the texts as EXIF and XMP.
/// quality: libwebp's, 1 to 99; 100 for a lossless image.
std::string encode_webp(const at::Tensor& image, const std::vector<PngText>& texts, int quality);

}  // namespace unclip
