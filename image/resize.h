#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace unclip {

/// Bicubic resizing with antialiasing, corners not aligned: the cubic's a is -0.5 and the weights
/// at an edge are renormalised. Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711
/// x (B, C, H, W) -> (B, C, height, width)
at::Tensor resize_bicubic(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace unclip
