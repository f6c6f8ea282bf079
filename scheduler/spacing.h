#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/noise_level.h"
#include "scheduler/noise_schedule.h"

namespace unclip {

/// Which n noise levels of a schedule of T timesteps a walk visits. i = 0 ... n - 1 is the walk's
/// order, from noise to sample; j = n - 1 - i.
enum class TimestepSpacing {
  kLinspace,     // round(j (T - 1) / (n - 1)): from T - 1 down to 0; n = 1: T - 1 alone
  kLeading,      // j floor(T / n) + offset: ends at the offset, starts below T - 1
  kTrailing,     // round((j + 1) T / n) - 1: starts at T - 1, ends above 0
  kKarras,       // ratio^(1 / rho) goes evenly from that of T - 1 to that of 0
  kExponential,  // log ratio goes evenly from that of T - 1 to that of 0
  kBeta,         // (T - 1) F^-1(1 - i / (n - 1)), F Beta(0.6, 0.6)'s distribution
  kLogSnr,  // log ratio goes evenly from that of T - 1, in n steps, the last of which is to 0's
};
// The first three: Lin et al. 2023, table 2, https://arxiv.org/abs/2305.08891, rounded half to
// even; linspace is UnCLIP's own. Karras: Karras et al. 2022, eq. 5,
// https://arxiv.org/abs/2206.00364. Beta: Lee et al. 2024, https://arxiv.org/abs/2407.12173.
// Uniform in logSNR: Lu et al. 2022, section 3.4, https://arxiv.org/abs/2206.00927. `ratio` is
// NoiseLevel's.

/// Whether it goes by sigma in the classes of diffusers (beta, too, unlike its paper).
constexpr bool is_of_sigma(TimestepSpacing spacing) {
  return spacing == TimestepSpacing::kKarras || spacing == TimestepSpacing::kExponential ||
         spacing == TimestepSpacing::kBeta;
}

/// Every spacing's name; "unclip" is linspace's other one.
std::vector<std::string> timestep_spacing_names();
/// Throws Error for an unknown name, with the nearest one.
TimestepSpacing timestep_spacing_named(const std::string& name);

struct SpacingOptions {
  TimestepSpacing spacing = TimestepSpacing::kLinspace;
  int64_t offset = 0;  // of leading
  double rho = 7;      // of karras
  /// The walk begins where the ratio is no more than this: T - 1 above is the last timestep of
  /// which that is so. 0: at the schedule's own end.
  double sigma_max = 0;
  std::vector<double> timesteps;  // these, in place of a spacing: falling, in [0, T - 1]
  /// The ratios of the levels, in place of a spacing, falling, and last that of the end.
  std::vector<double> sigmas;
};

/// The levels of a walk of n steps, of falling noise. If options.timesteps (or sigmas but for the
/// last one) are there and are not n, log ratio is interpolated between theirs, as Sabour et al.
/// 2024 do with their lists (Align Your Steps, https://arxiv.org/abs/2404.14507). Throws Error
/// unless 1 <= n <= T and all timesteps are in [0, T - 1] and fall.
std::vector<NoiseLevel> walk_levels(const NoiseSchedule& schedule, int64_t n,
                                    const SpacingOptions& options);

/// How many of the timesteps, from 0 on, have no more than that ratio; 0: all. Throws Error if it
/// is below that of the schedule's first timestep.
int64_t timesteps_within(const NoiseSchedule& schedule, double sigma_max);

/// Throws Error unless 1 <= n <= most.
void expect_steps(int64_t n, int64_t most);

/// The whole-numbered timesteps of the first three spacings.
std::vector<int64_t> walk_timesteps(TimestepSpacing spacing, int64_t num_train_timesteps, int64_t n,
                                    int64_t offset = 0);

/// The x of F(x) = p, F the distribution function of Beta(a, b), a and b > 0, p in [0, 1].
double beta_quantile(double p, double a, double b);

}  // namespace unclip
