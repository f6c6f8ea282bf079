#include "image/psnr.h"

#include <cmath>

#include "kernels/tensor.h"

namespace unclip {

double psnr(const at::Tensor& x, const at::Tensor& y) {
  TORCH_CHECK(x.sizes() == y.sizes(), "psnr: ", x.sizes(), " and ", y.sizes());
  return 10 *
         std::log10(1 / (x.to(at::kDouble) - y.to(at::kDouble)).square().mean().item<double>());
}

}  // namespace unclip
