#include "scheduler/class_levels.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scheduler/spacing.h"

namespace unclip {
namespace {

double rounded_to_even(double x) { return std::nearbyint(x); }

/// n timesteps for linspace and leading: n + 1 are computed, and the last is dropped.
std::vector<double> one_more(const SchedulerConfig& config, int64_t T, int64_t n) {
  std::vector<double> timesteps;
  for (int64_t j = n; j >= 1; --j) {
    timesteps.push_back(config.timestep_spacing == TimestepSpacing::kLeading
                            ? static_cast<double>(j * (T / (n + 1)) + config.steps_offset)
                            : rounded_to_even(static_cast<double>(j) * static_cast<double>(T - 1) /
                                              static_cast<double>(n)));
  }
  return timesteps;
}

std::vector<double> real_linspace(int64_t T, int64_t n) {
  std::vector<double> timesteps;
  for (int64_t j = n - 1; j >= 0; --j) {
    const double u = n == 1 ? 1 : static_cast<double>(j) / static_cast<double>(n - 1);
    timesteps.push_back(u * static_cast<double>(T - 1));
  }
  return timesteps;
}

/// n evenly spread timesteps of those that the model was distilled on.
std::vector<double> of_original(const SchedulerConfig& config, int64_t T, int64_t n) {
  const auto N = std::min(config.original_inference_steps, T);
  expect_steps(n, N);
  std::vector<double> timesteps;
  for (int64_t i = 0; i < n; ++i)
    timesteps.push_back(static_cast<double>((N - i * N / n) * (T / N) - 1));
  return timesteps;
}

/// The timesteps of the class, before a spacing of sigma; they are below T.
std::vector<double> class_timesteps(const SchedulerConfig& config, int64_t T, int64_t n) {
  const bool trailing = config.timestep_spacing == TimestepSpacing::kTrailing;
  const bool leading = config.timestep_spacing == TimestepSpacing::kLeading;
  if (config.class_timesteps == ClassTimesteps::kOriginal) return of_original(config, T, n);
  if (config.class_timesteps == ClassTimesteps::kOneMore && !trailing) {
    expect_steps(n, T - 1);
    return one_more(config, T, n);
  }
  expect_steps(n, T);
  if (!leading && !trailing) return real_linspace(T, n);
  const auto whole = walk_timesteps(config.timestep_spacing, T, n, config.steps_offset);
  return {whole.begin(), whole.end()};
}

/// sigma at t, interpolated linearly between two timesteps.
double sigma_at(const NoiseSchedule& schedule, double t) {
  const auto T = schedule.num_train_timesteps();
  const auto below = std::clamp(static_cast<int64_t>(std::floor(t)), int64_t{0}, T - 1);
  const double part = t - static_cast<double>(below);
  if (part <= 0 || below == T - 1) return schedule.ratio(below);
  return (1 - part) * schedule.ratio(below) + part * schedule.ratio(below + 1);
}

/// The i-th of n sigmas from `most` to `least`.
double spaced_sigma(const SchedulerConfig& config, int64_t i, int64_t n, double most,
                    double least) {
  const double u = n == 1 ? 0 : static_cast<double>(i) / static_cast<double>(n - 1);
  switch (config.timestep_spacing) {
    case TimestepSpacing::kKarras: {
      const double from = std::pow(most, 1 / config.rho), to = std::pow(least, 1 / config.rho);
      return std::pow(from + u * (to - from), config.rho);
    }
    case TimestepSpacing::kBeta:
      return least + beta_quantile(1 - u, 0.6, 0.6) * (most - least);
    default:
      return most * std::pow(least / most, u);
  }
}

double asked_timestep(const SchedulerConfig& config, double t) {
  if (config.class_timesteps == ClassTimesteps::kReal) return t;
  return config.rounds_timesteps ? rounded_to_even(t) : std::floor(t);
}

std::vector<NoiseLevel> of_sigma(const SchedulerConfig& config, const NoiseSchedule& schedule,
                                 int64_t n, double sigma_max) {
  const auto T = schedule.num_train_timesteps();
  expect_steps(n, T);
  double most = schedule.ratio(T - 1), least = schedule.ratio(0);
  if (config.class_timesteps == ClassTimesteps::kReal && !config.log_linear) {
    // The bounds are the sigmas of the timesteps that the class would visit without a spacing of
    // sigma.
    auto otherwise = config;
    otherwise.timestep_spacing = config.other_spacing;
    const auto timesteps = class_timesteps(otherwise, T, n);
    most = sigma_at(schedule, timesteps.front());
    least = sigma_at(schedule, timesteps.back());
  }
  if (config.sigma_max > 0) most = config.sigma_max;
  if (config.sigma_min > 0) least = config.sigma_min;
  if (sigma_max > 0) most = std::min(most, sigma_max);
  std::vector<NoiseLevel> levels;
  for (int64_t i = 0; i < n; ++i) {
    const double sigma = spaced_sigma(config, i, n, most, least);
    levels.push_back({.timestep = asked_timestep(config, schedule.timestep_of(sigma)),
                      .alpha_bar = alpha_bar_of_ratio(sigma)});
  }
  return levels;
}

std::vector<NoiseLevel> levels_of_timesteps(const SchedulerConfig& config,
                                            const NoiseSchedule& schedule, int64_t n,
                                            double sigma_max) {
  const auto T = timesteps_within(schedule, sigma_max > 0 ? sigma_max : config.largest_sigma);
  std::vector<NoiseLevel> levels;
  for (const double t : class_timesteps(config, T, n)) {
    if (t > static_cast<double>(schedule.num_train_timesteps() - 1)) {
      fail("'steps_offset': expected a run of ", n, " steps to begin at ",
           schedule.num_train_timesteps() - 1, " or below, got ", t, " with an offset of ",
           config.steps_offset);
    }
    const bool whole = t == std::floor(t);
    levels.push_back({.timestep = t,
                      .alpha_bar = whole ? schedule.alpha_bar[static_cast<size_t>(t)]
                                         : alpha_bar_of_ratio(sigma_at(schedule, t))});
  }
  if (!config.log_linear) return levels;
  // n + 1 sigmas; the last is the one at which the run ends.
  const double most = schedule.ratio(schedule.num_train_timesteps() - 1);
  for (int64_t i = 0; i < n; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(n);
    levels[static_cast<size_t>(i)].alpha_bar =
        alpha_bar_of_ratio(most * std::pow(schedule.ratio(0) / most, u));
  }
  return levels;
}

}  // namespace

std::vector<NoiseLevel> class_levels(const SchedulerConfig& config, const NoiseSchedule& schedule,
                                     int64_t n, double sigma_max) {
  if (config.class_timesteps == ClassTimesteps::kWhole) {
    return walk_levels(schedule, n,
                       {.spacing = config.timestep_spacing,
                        .offset = config.steps_offset,
                        .sigma_max = sigma_max});
  }
  auto levels = is_of_sigma(config.timestep_spacing)
                    ? of_sigma(config, schedule, n, sigma_max)
                    : levels_of_timesteps(config, schedule, n, sigma_max);
  for (size_t i = 1; i < levels.size(); ++i) {
    if (levels[i].alpha_bar > levels[i - 1].alpha_bar) continue;
    fail("steps: expected noise that falls, got as much or more at step ", i + 1, " of ", n,
         "; fewer steps may do");
  }
  return levels;
}

}  // namespace unclip
