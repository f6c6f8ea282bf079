#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace unclip {

/// Bicubic resizing with antialiasing in integers, bit for bit the same as Image.resize(size,
/// BICUBIC) in Pillow up to version 12. It prepares images for CLIP. The first pass resizes each
/// row, the second each column, and the image between them is rounded to 8 bits too. Pillow 13
/// begins with the second pass if that is less work, which makes a difference at hard edges.
/// picture (3, H, W) uint8 -> (3, height, width) uint8; `picture` itself if it has that size
/// already
at::Tensor resize_bicubic_8bit(const at::Tensor& picture, int64_t height, int64_t width);

}  // namespace unclip
