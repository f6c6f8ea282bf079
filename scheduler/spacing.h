#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/noise_level.h"
#include "scheduler/noise_schedule.h"

namespace unclip {

/// How a sampling run chooses n noise levels of a schedule of T timesteps. i = 0 ... n - 1 counts
/// them from noise to sample; j = n - 1 - i.
enum class TimestepSpacing {
  kLinspace,     // round(j (T - 1) / (n - 1)): from T - 1 down to 0; n = 1: only T - 1
  kLeading,      // j floor(T / n) + offset: ends at the offset, starts below T - 1
  kTrailing,     // round((j + 1) T / n) - 1: starts at T - 1, ends above 0
  kKarras,       // ratio^(1 / rho) falls linearly from that of T - 1 to that of 0
  kExponential,  // log ratio falls linearly from that of T - 1 to that of 0
  kBeta,         // (T - 1) F^-1(1 - i / (n - 1)), F the distribution function of Beta(0.6, 0.6)
  kLogSnr,  // log ratio falls linearly from that of T - 1 in n steps, the last of which ends at
            // that of 0
};
// Sources of the first three: Lin et al. 2023, table 2, https://arxiv.org/abs/2305.08891, rounded
// half to even; linspace is UnCLIPScheduler's own. Karras: Karras et al. 2022, eq. 5,
// https://arxiv.org/abs/2206.00364. Beta: Lee et al. 2024, https://arxiv.org/abs/2407.12173.
// Uniform in logSNR: Lu et al. 2022, section 3.4, https://arxiv.org/abs/2206.00927. `ratio` is
// NoiseLevel's.

/// Whether diffusers spaces the sigmas, not the timesteps (for beta too, unlike its paper).
constexpr bool is_of_sigma(TimestepSpacing spacing) {
  return spacing == TimestepSpacing::kKarras || spacing == TimestepSpacing::kExponential ||
         spacing == TimestepSpacing::kBeta;
}

/// The names of all spacings; "unclip" is another name of linspace.
std::vector<std::string> timestep_spacing_names();
/// Throws Error for an unknown name; the message suggests the nearest one.
TimestepSpacing timestep_spacing_named(const std::string& name);

struct SpacingOptions {
  TimestepSpacing spacing = TimestepSpacing::kLinspace;
  int64_t offset = 0;  // for leading
  double rho = 7;      // for karras
  /// The largest ratio that the run visits: if it is above 0, the last timestep with no larger
  /// ratio replaces T - 1 in the formulas above.
  double sigma_max = 0;
  std::vector<double> timesteps;  // in place of a spacing: falling, in [0, T - 1]
  /// In place of a spacing: the falling ratios of the levels, then the ratio at which the run ends.
  std::vector<double> sigmas;
};

/// The levels of a sampling run of n steps, from most to least noise. If options.timesteps (or
/// options.sigmas without the last) is a list of another length than n, its log ratios are
/// interpolated to n levels, as Sabour et al. 2024 do with their lists (Align Your Steps,
/// https://arxiv.org/abs/2404.14507). Throws Error unless 1 <= n <= T and all timesteps are in [0,
/// T - 1] and fall.
std::vector<NoiseLevel> walk_levels(const NoiseSchedule& schedule, int64_t n,
                                    const SpacingOptions& options);

/// The number of timesteps whose ratio is at most sigma_max; all if it is 0. Throws Error if
/// sigma_max is below the ratio of timestep 0.
int64_t timesteps_within(const NoiseSchedule& schedule, double sigma_max);

/// Throws Error unless 1 <= n <= most.
void expect_steps(int64_t n, int64_t most);

/// The timesteps of one of the first three spacings, which are whole numbers.
std::vector<int64_t> walk_timesteps(TimestepSpacing spacing, int64_t num_train_timesteps, int64_t n,
                                    int64_t offset = 0);

/// The x for which F(x) = p, where F is the distribution function of Beta(a, b), a and b > 0, p in
/// [0, 1].
double beta_quantile(double p, double a, double b);

}  // namespace unclip
