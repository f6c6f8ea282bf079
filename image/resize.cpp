#include "image/resize.h"

#include <ATen/ATen.h>

namespace unclip {

at::Tensor resize_bicubic(const at::Tensor& x, int64_t height, int64_t width) {
  TORCH_CHECK(x.dim() == 4, "resize_bicubic: x is ", x.sizes(), "; (B, C, H, W) is wanted");
  return at::_upsample_bicubic2d_aa(x, {height, width}, /*align_corners=*/false);
}

}  // namespace unclip
