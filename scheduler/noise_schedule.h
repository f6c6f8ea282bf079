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

/// beta(t) rises evenly from beta_start at t = 0 to beta_end at T - 1.
/// Ho et al. 2020, section 4, https://arxiv.org/abs/2006.11239
NoiseSchedule linear_schedule(int64_t num_train_timesteps, double beta_start, double beta_end);

/// sqrt(beta(t)) rises evenly: what latent diffusion models call linear.
/// Rombach et al. 2021, https://arxiv.org/abs/2112.10752, and its published code
NoiseSchedule scaled_linear_schedule(int64_t num_train_timesteps, double beta_start,
                                     double beta_end);

/// Which n of the T training timesteps a walk visits, i = n - 1 ... 0.
/// Lin et al. 2023, table 2, https://arxiv.org/abs/2305.08891; rounded half to even.
enum class TimestepSpacing {
  kLinspace,  // round(i (T - 1) / (n - 1)): from T - 1 down to 0; n = 1: T - 1 alone. UnCLIP's own.
  kLeading,   // i floor(T / n) + offset: ends at the offset, starts below T - 1
  kTrailing,  // round((i + 1) T / n) - 1: starts at T - 1, ends above 0
};

/// The timesteps of a walk of n steps, decreasing, in [0, T). `offset` is kLeading's.
/// Throws Error unless 1 <= n <= T and all are below T.
std::vector<int64_t> walk_timesteps(TimestepSpacing spacing, int64_t num_train_timesteps, int64_t n,
                                    int64_t offset = 0);

}  // namespace unclip
