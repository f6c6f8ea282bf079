#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/noise_schedule.h"

namespace unclip {

class Config;
class NoiseSource;

enum class PredictionType { kEpsilon, kSample };
enum class VarianceType { kFixedSmallLog, kLearnedRange };

/// scheduler_config.json; the fields bear the JSON's names.
struct SchedulerConfig {
  int64_t num_train_timesteps = 1000;
  PredictionType prediction_type = PredictionType::kEpsilon;
  VarianceType variance_type = VarianceType::kFixedSmallLog;
  bool clip_sample = true;
  double clip_sample_range = 1.0;

  static SchedulerConfig from(const Config& config);
};

/// A walk from noise to a sample: which timesteps it visits, and the step from each to the next.
/// One object is one walk.
class Scheduler {
 public:
  /// Throws Error unless 1 <= steps <= num_train_timesteps.
  Scheduler(const SchedulerConfig& config, int64_t steps);
  virtual ~Scheduler() = default;

  /// Decreasing, in [0, num_train_timesteps).
  const std::vector<int64_t>& timesteps() const { return timesteps_; }

  /// From x_t at timesteps()[i] to the next timestep; the last step ends at x_0.
  /// model_output (B, C, ...), or (B, 2 C, ...) where the variance is learned; x_t (B, C, ...)
  /// float32 -> the same shape. Draws from `noise` where the walk is stochastic and i is not last.
  virtual at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                          NoiseSource& noise) = 0;

 protected:
  bool is_last(size_t i) const { return i + 1 == timesteps_.size(); }
  /// alpha_bar at timesteps()[i]; 1 after the last timestep.
  float alpha_bar(size_t i) const;
  /// The prediction of x_0, clipped where the config says so. Ho et al. 2020, eq. 15.
  at::Tensor predict_x0(const at::Tensor& model_output, size_t i, const at::Tensor& x_t) const;

  const SchedulerConfig config_;
  const NoiseSchedule schedule_;
  const std::vector<int64_t> timesteps_;
};

/// The scheduler that a scheduler_config.json asks for by its `_class_name`.
std::unique_ptr<Scheduler> make_scheduler(const Config& config, int64_t steps);
/// Every `_class_name` that make_scheduler knows.
std::vector<std::string> scheduler_names();

}  // namespace unclip
