#include "scheduler/scheduler.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/tensor_ops.h"

namespace unclip {

Scheduler::Scheduler(const SchedulerConfig& config, int64_t steps)
    : Scheduler(config, walk_timesteps(config.timestep_spacing, config.num_train_timesteps, steps,
                                       config.steps_offset)) {}

Scheduler::Scheduler(const SchedulerConfig& config, std::vector<int64_t> timesteps)
    : config_(config), schedule_(noise_schedule(config)), timesteps_(std::move(timesteps)) {}

float Scheduler::alpha_bar(size_t i) const {
  if (i < timesteps_.size()) return schedule_.alpha_bar[static_cast<size_t>(timesteps_[i])];
  return config_.set_alpha_to_one ? 1.0F : schedule_.alpha_bar[0];
}

at::Tensor Scheduler::predict_x0(const at::Tensor& model_output, size_t i,
                                 const at::Tensor& x_t) const {
  const bool learned = config_.variance_type == VarianceType::kLearnedRange;
  const auto prediction = learned ? halves(model_output, 1).first : model_output;
  const float a_t = alpha_bar(i);
  at::Tensor x_0;
  switch (config_.prediction_type) {
    case PredictionType::kEpsilon:
      x_0 = (x_t - std::sqrt(1 - a_t) * prediction) / std::sqrt(a_t);
      break;
    case PredictionType::kSample:
      x_0 = prediction;
      break;
    case PredictionType::kVPrediction:
      x_0 = std::sqrt(a_t) * x_t - std::sqrt(1 - a_t) * prediction;
      break;
  }
  if (config_.clip_sample) x_0 = x_0.clamp(-config_.clip_sample_range, config_.clip_sample_range);
  return x_0;
}

}  // namespace unclip
