#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "scheduler/scheduler.h"

namespace unclip {

/// The point of a sampling run at which the network is evaluated.
struct At {
  size_t i = 0;       // index into the scheduler's timesteps
  NoiseLevel level;   // of x_t
  bool last = false;  // whether it is the run's last evaluation
};

/// A network with its condition bound: x_t (B, ...) float32 -> its prediction, float32.
using Denoiser = std::function<at::Tensor(const at::Tensor& x_t, const At& at)>;

/// A finished step of a sampling run. Its references are valid only during the call that passes it.
struct Step {
  const Scheduler& scheduler;
  size_t i;                        // the step went from level(i) to level(i + 1)
  const at::Tensor& x_t;           // (B, ...) at level(i)
  const at::Tensor& model_output;  // for x_t
  const at::Tensor& next;          // x_t at level(i + 1)

  int64_t number() const { return static_cast<int64_t>(i) + 1; }
  int64_t of() const { return static_cast<int64_t>(scheduler.timesteps().size()); }
  at::Tensor x_0() const { return scheduler.predict_x0(model_output, i, x_t); }
};
/// Called after each step; may throw to end the sampling run.
using OnStep = std::function<void(const Step& step)>;

/// The sampling loop: from x_T (B, ...) to x_0 along the scheduler's timesteps.
at::Tensor denoise(Scheduler& scheduler, const Denoiser& model, at::Tensor x, NoiseSource& noise,
                   const OnStep& on_step = {});

}  // namespace unclip
