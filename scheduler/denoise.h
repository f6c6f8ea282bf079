#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "scheduler/scheduler.h"

namespace unclip {

/// A network with its condition bound: x_t (B, ...) float32, t -> its prediction, float32.
using Denoiser = std::function<at::Tensor(const at::Tensor& x_t, double t)>;
/// Told of each finished step, counted from 1; may throw to end the walk.
using OnStep = std::function<void(int64_t step, int64_t steps)>;

/// The sampling loop: from x_T (B, ...) to x_0 along the scheduler's timesteps.
at::Tensor denoise(Scheduler& scheduler, const Denoiser& model, at::Tensor x, NoiseSource& noise,
                   const OnStep& on_step = {});

}  // namespace unclip
