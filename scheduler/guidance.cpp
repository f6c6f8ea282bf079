#include "scheduler/guidance.h"

#include <ATen/ATen.h>

#include "core/tensor_ops.h"

namespace unclip {

Denoiser guided(Denoiser model, double guidance_scale) {
  if (!needs_unconditional(guidance_scale)) return model;
  return [model = std::move(model), guidance_scale](const at::Tensor& x_t, double t) {
    const auto [u, c] = halves(model(at::cat({x_t, x_t}), t), 0);  // (B, C', ...)
    const auto channels = x_t.size(1);
    const auto u_x = u.narrow(1, 0, channels);
    const auto mixed = u_x + guidance_scale * (c.narrow(1, 0, channels) - u_x);
    if (c.size(1) == channels) return mixed;
    return at::cat({mixed, c.narrow(1, channels, c.size(1) - channels)}, 1);
  };
}

}  // namespace unclip
