#pragma once

#include <ATen/core/Tensor.h>

#include "scheduler/scheduler_spec.h"

namespace unclip::train {

/// The forward process of a stage's noise schedule, for a batch in which each row has its own
/// timestep.
class Diffusion {
 public:
  /// Throws Error unless the stage's network predicts x_0 (`prediction_type` "sample"), which is
  /// what the losses train.
  Diffusion(const SchedulerSpec& scheduler, at::Device device);

  /// Random timesteps, (count) int64, uniform over all timesteps, drawn on the CPU.
  at::Tensor random_timesteps(int64_t count, const at::Generator& generator) const;
  /// x_t = sqrt(alpha_bar(t)) x_0 + sqrt(1 - alpha_bar(t)) eps. Ho et al. 2020, eq. 4,
  /// https://arxiv.org/abs/2006.11239. x_0 and eps (B, ...), t (B)
  at::Tensor add_noise(const at::Tensor& x_0, const at::Tensor& t, const at::Tensor& eps) const;
  /// sqrt(min(SNR, 5)), with SNR = alpha_bar / (1 - alpha_bar), scaled to a mean of 1 over all
  /// timesteps. After Hang et al. 2023, section 3.4, https://arxiv.org/abs/2303.09556. t (B) -> (B)
  at::Tensor weight(const at::Tensor& t) const;
  /// The Kullback-Leibler divergence, in nats per element, from the true posterior of a step from t
  /// to t - stride to the model's, whose log variance is interpolated by `f` between the
  /// posterior's and beta's. x_0_error = x_0 - its prediction, without a graph. Nichol & Dhariwal
  /// 2021, eq. 15, https://arxiv.org/abs/2102.09672. f (B, ...) is the network's output, in about
  /// [-1, 1]
  at::Tensor variance_bound(const at::Tensor& f, const at::Tensor& x_0_error, const at::Tensor& t,
                            const at::Tensor& stride) const;

 private:
  at::Tensor alpha_bar_;  // (T)
  at::Tensor weight_;     // (T)
};

}  // namespace unclip::train
