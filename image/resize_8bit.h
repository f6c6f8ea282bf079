#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace unclip {

/// Bicubic with antialiasing in integers, bit for bit what Image.resize(size, BICUBIC) gives in
/// Pillow up to 12; CLIP's pictures are prepared by it. Columns come first, and the picture between
/// the two passes has 8 bits too. Pillow 13 begins with the rows where that is less work, which
/// shows at hard edges.
/// picture (3, H, W) uint8 -> (3, height, width) uint8; `picture` itself where that is its size
at::Tensor resize_bicubic_8bit(const at::Tensor& picture, int64_t height, int64_t width);

}  // namespace unclip
