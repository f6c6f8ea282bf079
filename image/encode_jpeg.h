#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "image/png_text.h"

namespace unclip {

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a baseline JPEG, with the texts as EXIF and
/// XMP. quality: libjpeg's, 1 to 100; from 90 on the colours are not subsampled.
std::string encode_jpeg(const at::Tensor& image, const std::vector<PngText>& texts, int quality);

}  // namespace unclip
