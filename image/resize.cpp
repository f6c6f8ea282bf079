#include "image/resize.h"

#include "kernels/tensor.h"

namespace unclip {

at::Tensor resize_bicubic(const at::Tensor& x, int64_t height, int64_t width) {
  TORCH_CHECK(x.dim() == 4, "resize_bicubic: expected x (B, C, H, W), got ", x.sizes());
  return ops::upsample_bicubic2d_aa(x, {height, width});
}

}  // namespace unclip
