#include "scheduler/guidance.h"

#include <cmath>

#include "kernels/kernel.h"
#include "kernels/tensor.h"
#include "nn/attention.h"

namespace unclip {
namespace {

/// The standard deviation of each image, (B, C, H, W) -> (B, 1, 1, 1), or of each embedding, (B, D)
/// -> (B, 1) or (B, 2, D) -> (B, 2, 1).
at::Tensor deviation(const at::Tensor& x) {
  if (x.dim() == 3) return x.std(/*dim=*/2).unsqueeze(2);
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  return x.flatten(1).std(/*dim=*/1).view(sizes);
}

}  // namespace

Denoiser guided(GuidedModel model, const Guidance& guidance, OnGuidance on_guidance) {
  if (!guidance.needs_unconditional()) return std::move(model.conditional);
  return [model = std::move(model), guidance, on_guidance = std::move(on_guidance)](
             const at::Tensor& x_t, const At& at) {
    if (!guidance.is_everywhere()) {
      const double sigma = at.level.ratio();
      const bool inside = guidance.sigma_min < sigma && sigma <= guidance.sigma_max;
      if (!inside) return model.conditional(x_t, at);
    }
    const auto both = model.both(ops::cat({x_t, x_t}), at);  // (2 B, C', ...)
    const auto channels = x_t.size(1);
    static const auto guide =
        kernel<at::Tensor(const at::Tensor&, int64_t, double)>("unclip::guide");
    const auto result = guide.call(both, channels, guidance.scale);  // (B, C', ...)
    const auto [u, c] = halves(both.narrow(1, 0, channels), 0);      // (B, C, ...)
    if (on_guidance) on_guidance(c - u);
    if (guidance.rescale == 0) return result;
    const auto mixed = result.narrow(1, 0, channels);
    const auto rescaled = mixed * (deviation(c) / deviation(mixed));
    const auto others = result.narrow(1, channels, result.size(1) - channels);
    return ops::cat({guidance.rescale * rescaled + (1 - guidance.rescale) * mixed, others}, 1);
  };
}

}  // namespace unclip
