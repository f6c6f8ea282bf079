#include "scheduler/scheduler.h"

#include <cmath>
#include <limits>

#include "kernels/kernel.h"
#include "kernels/tensor.h"
#include "nn/attention.h"
#include "scheduler/class_levels.h"
#include "scheduler/spacing.h"

namespace unclip {
namespace {

std::vector<NoiseLevel> joined(std::vector<NoiseLevel> levels, const NoiseLevel& end) {
  levels.push_back(end);
  return levels;
}

std::vector<double> timesteps_of(const std::vector<NoiseLevel>& levels) {
  std::vector<double> timesteps;
  for (size_t i = 0; i + 1 < levels.size(); ++i) timesteps.push_back(levels[i].timestep);
  return timesteps;
}

/// Each image, or each embedding of (B, 2, D), clipped to [-s, s] and divided by s, the quantile of
/// its magnitudes, clamped to [1, most]. Saharia et al. 2022, section 2.3,
/// https://arxiv.org/abs/2205.11487
at::Tensor thresholded(const at::Tensor& x_0, double quantile, double most) {
  const auto flat = x_0.dim() == 3 ? x_0 : x_0.flatten(1);
  const auto s = flat.abs().quantile(quantile, -1, /*keepdim=*/true).clamp(1, most);
  return (flat.maximum(-s).minimum(s) / s).view_as(x_0);
}

}  // namespace

Scheduler::Scheduler(const SchedulerConfig& config, const WalkOptions& walk)
    : Scheduler(config, levels_of(config, walk), end_of(config, walk)) {}

Scheduler::Scheduler(const SchedulerConfig& config, std::vector<NoiseLevel> levels,
                     const NoiseLevel& end)
    : config_(config), levels_(joined(std::move(levels), end)), timesteps_(timesteps_of(levels_)) {}

std::vector<NoiseLevel> Scheduler::levels_of(const SchedulerConfig& config,
                                             const WalkOptions& walk) {
  if (walk.spacing.empty() && walk.timesteps.empty() && walk.sigmas.empty()) {
    return class_levels(config, noise_schedule(config), walk.steps, walk.sigma_max);
  }
  SpacingOptions options{.spacing = config.timestep_spacing,
                         .offset = config.steps_offset,
                         .rho = config.rho,
                         .sigma_max = walk.sigma_max > 0 ? walk.sigma_max : config.largest_sigma,
                         .timesteps = walk.timesteps,
                         .sigmas = walk.sigmas};
  if (!walk.spacing.empty()) options.spacing = timestep_spacing_named(walk.spacing);
  return walk_levels(noise_schedule(config), walk.steps, options);
}

NoiseLevel Scheduler::end_of(const SchedulerConfig& config, const WalkOptions& walk) {
  if (!walk.sigmas.empty()) {
    const double ratio = walk.sigmas.back();
    return {.timestep = ratio > 0 ? noise_schedule(config).timestep_of(ratio) : 0,
            .alpha_bar = alpha_bar_of_ratio(ratio)};
  }
  if (config.ends_at_last_sigma && config.sigma_min > 0 && walk.spacing.empty() &&
      walk.timesteps.empty()) {
    return {.timestep = 0, .alpha_bar = alpha_bar_of_ratio(config.sigma_min)};
  }
  if (config.set_alpha_to_one) return {};
  return {.timestep = 0, .alpha_bar = noise_schedule(config).alpha_bar.front()};
}

at::Tensor Scheduler::predict_x0(const at::Tensor& model_output, size_t i,
                                 const at::Tensor& x_t) const {
  const bool learned = is_learned(config_.variance_type);
  const auto prediction = learned ? halves(model_output, 1).first : model_output;
  const auto a_t = static_cast<float>(alpha_bar(i));
  const float alpha = std::sqrt(a_t), sigma = std::sqrt(1 - a_t);
  const bool clips = config_.clip_sample && !config_.thresholding;
  const double clip = clips ? config_.clip_sample_range : std::numeric_limits<double>::infinity();
  // (x_t_factor x_t + prediction_factor prediction) / divisor
  static const auto predict_x0 =
      kernel<at::Tensor(const at::Tensor&, const at::Tensor&, double, double, double, double)>(
          "unclip::predict_x0");
  const auto of = [&](double x_t_factor, double prediction_factor, double divisor) {
    return predict_x0.call(prediction, x_t, x_t_factor, prediction_factor, divisor, clip);
  };
  at::Tensor x_0;
  switch (config_.prediction_type) {
    case PredictionType::kEpsilon:
      x_0 = of(1, -sigma, alpha);
      break;
    case PredictionType::kSample:
      x_0 = of(0, 1, 1);
      break;
    case PredictionType::kVPrediction:
      x_0 = of(alpha, -sigma, 1);
      break;
  }
  if (!config_.thresholding) return x_0;
  return thresholded(x_0, config_.dynamic_thresholding_ratio, config_.sample_max_value);
}

at::Tensor Scheduler::eps_beside(const at::Tensor& x_0, size_t i, const at::Tensor& x_t) const {
  return (x_t - level(i).alpha() * x_0) / level(i).sigma();
}

at::Tensor Scheduler::noised(const at::Tensor& x_0, const at::Tensor& eps, size_t i) const {
  return level(i).alpha() * x_0 + level(i).sigma() * eps;
}

}  // namespace unclip
