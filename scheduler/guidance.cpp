#include "scheduler/guidance.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/tensor_ops.h"

namespace unclip {
namespace {

/// (B, ...) -> (B, 1, ...): each picture's.
at::Tensor deviation(const at::Tensor& x) {
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  return x.flatten(1).std(/*dim=*/1).view(sizes);
}

}  // namespace

Denoiser guided(GuidedModel model, const Guidance& guidance, NoiseSchedule schedule,
                OnGuidance on_guidance) {
  if (!guidance.needs_unconditional()) return std::move(model.conditional);
  return [model = std::move(model), guidance, schedule = std::move(schedule),
          on_guidance = std::move(on_guidance)](const at::Tensor& x_t, double t) {
    if (!guidance.is_everywhere()) {
      const double sigma = NoiseLevel{.alpha_bar = schedule.alpha_bar_at(t)}.ratio();
      const bool inside = guidance.sigma_min < sigma && sigma <= guidance.sigma_max;
      if (!inside) return model.conditional(x_t, t);
    }
    const auto [u, c] = halves(model.both(at::cat({x_t, x_t}), t), 0);  // (B, C', ...)
    const auto channels = x_t.size(1);
    const auto u_x = u.narrow(1, 0, channels), c_x = c.narrow(1, 0, channels);
    const auto difference = c_x - u_x;
    if (on_guidance) on_guidance(difference);
    auto mixed = u_x + guidance.scale * difference;
    if (guidance.rescale != 0) {
      const auto rescaled = mixed * (deviation(c_x) / deviation(mixed));
      mixed = guidance.rescale * rescaled + (1 - guidance.rescale) * mixed;
    }
    if (c.size(1) == channels) return mixed;
    return at::cat({mixed, c.narrow(1, channels, c.size(1) - channels)}, 1);
  };
}

}  // namespace unclip
