#include "scheduler/denoise.h"

#include "kernels/tensor.h"

namespace unclip {

at::Tensor denoise(Scheduler& scheduler, const Denoiser& model, at::Tensor x, NoiseSource& noise,
                   const OnStep& on_step) {
  const at::NoGradGuard no_grad;
  const auto& timesteps = scheduler.timesteps();
  for (size_t i = 0; i < timesteps.size(); ++i) {
    const auto model_output = model(x, timesteps[i]);
    const auto next = scheduler.step(model_output, i, x, noise);
    if (on_step) on_step({scheduler, i, x, model_output, next});
    x = next;
  }
  return x;
}

}  // namespace unclip
