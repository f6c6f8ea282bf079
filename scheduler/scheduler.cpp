#include "scheduler/scheduler.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/config.h"

namespace unclip {

SchedulerConfig SchedulerConfig::from(const Config& config) {
  SchedulerConfig c;
  c.num_train_timesteps = config.integer("num_train_timesteps", c.num_train_timesteps, 1, 1000000);
  config.expect("beta_schedule", "squaredcos_cap_v2");
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type",
      {{"epsilon", PredictionType::kEpsilon}, {"sample", PredictionType::kSample}});
  c.variance_type = config.choice<VarianceType>("variance_type",
                                                {{"fixed_small_log", VarianceType::kFixedSmallLog},
                                                 {"learned_range", VarianceType::kLearnedRange}});
  c.clip_sample = config.value_or<bool>("clip_sample", c.clip_sample);
  c.clip_sample_range = config.value_or<double>("clip_sample_range", c.clip_sample_range);
  if (!(c.clip_sample_range > 0)) config.fail_value("clip_sample_range", "a positive number");
  return c;
}

Scheduler::Scheduler(const SchedulerConfig& config, int64_t steps)
    : config_(config),
      schedule_(cosine_schedule(config.num_train_timesteps)),
      timesteps_(unclip_timesteps(config.num_train_timesteps, steps)) {}

float Scheduler::alpha_bar(size_t i) const {
  return i < timesteps_.size() ? schedule_.alpha_bar[static_cast<size_t>(timesteps_[i])] : 1.0F;
}

at::Tensor Scheduler::predict_x0(const at::Tensor& model_output, size_t i,
                                 const at::Tensor& x_t) const {
  const float a_t = alpha_bar(i);
  auto x_0 = config_.prediction_type == PredictionType::kSample
                 ? model_output
                 : (x_t - std::sqrt(1 - a_t) * model_output) / std::sqrt(a_t);
  if (config_.clip_sample) x_0 = x_0.clamp(-config_.clip_sample_range, config_.clip_sample_range);
  return x_0;
}

}  // namespace unclip
