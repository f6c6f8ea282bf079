#include "scheduler/denoise.h"

#include "kernels/tensor.h"

namespace unclip {

at::Tensor denoise(Scheduler& scheduler, const Denoiser& model, at::Tensor x, NoiseSource& noise,
                   const OnStep& on_step) {
  const at::NoGradGuard no_grad;
  const auto evaluations = scheduler.timesteps().size();
  for (size_t i = 0; i < evaluations; ++i) {
    const auto model_output =
        model(x, {.i = i, .level = scheduler.level(i), .last = i + 1 == evaluations});
    const auto next = scheduler.step(model_output, i, x, noise);
    if (on_step) on_step({scheduler, i, x, model_output, next});
    x = next;
  }
  return x;
}

}  // namespace unclip
