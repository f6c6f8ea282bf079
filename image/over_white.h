#pragma once

#include <ATen/core/Tensor.h>

namespace unclip {

/// Blends an image with white: rgba (H, W, 4) uint8 or uint16 -> (3, H, W) uint8. Of 16 bits the
/// upper 8 are kept, as Pillow does for colours (for grey, Pillow makes all values above 255
/// white).
at::Tensor over_white(const at::Tensor& rgba);

}  // namespace unclip
