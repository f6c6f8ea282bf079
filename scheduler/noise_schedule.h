#pragma once

#include <cstdint>
#include <vector>

namespace unclip {

/// The noise of every training timestep: T values of
///   beta(t), the variance that step t adds, and alpha_bar(t) = prod_{s <= t} (1 - beta(s)).
/// Ho et al. 2020, eqs. 2 and 4, https://arxiv.org/abs/2006.11239
///
/// Differs from the rule that coefficients are double: the published samplers hold both as float32
/// (betas computed in double, the product accumulated in double, each entry rounded), and beside
/// small betas that rounding shows in the picture.
struct NoiseSchedule {
  std::vector<float> beta;
  std::vector<float> alpha_bar;

  int64_t num_train_timesteps() const { return static_cast<int64_t>(beta.size()); }
};

/// alpha_bar(t) = cos^2((t / T + 0.008) / 1.008 * pi / 2), betas at most 0.999.
/// Nichol & Dhariwal 2021, eq. 17, https://arxiv.org/abs/2102.09672
NoiseSchedule cosine_schedule(int64_t num_train_timesteps);

/// UnCLIP's timesteps of a walk of n steps, from T - 1 down to 0:
///   round(i (T - 1) / (n - 1)), half to even, i = n - 1 ... 0;  n = 1: T - 1 alone.
/// Throws Error unless 1 <= n <= T.
std::vector<int64_t> unclip_timesteps(int64_t num_train_timesteps, int64_t n);

}  // namespace unclip
