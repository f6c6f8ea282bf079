#include "scheduler/denoise.h"

#include <ATen/ATen.h>

namespace unclip {

at::Tensor denoise(Scheduler& scheduler, const Denoiser& model, at::Tensor x, NoiseSource& noise,
                   const OnStep& on_step) {
  const at::NoGradGuard no_grad;
  const auto& timesteps = scheduler.timesteps();
  for (size_t i = 0; i < timesteps.size(); ++i) {
    x = scheduler.step(model(x, timesteps[i]), i, x, noise);
    if (on_step) on_step(static_cast<int64_t>(i) + 1, static_cast<int64_t>(timesteps.size()));
  }
  return x;
}

}  // namespace unclip
