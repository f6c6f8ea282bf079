#pragma once

#include <cstdint>

#include "scheduler/noise_schedule.h"

namespace unclip {

class Config;

/// What a network was taught to predict: the noise, the sample, or v = sqrt(a) eps - sqrt(1 - a)
/// x_0 with a = alpha_bar(t).
enum class PredictionType { kEpsilon, kSample, kVPrediction };
enum class VarianceType { kFixedSmallLog, kLearnedRange };
enum class BetaSchedule { kSquaredCosine, kLinear, kScaledLinear };

/// scheduler_config.json; the fields bear the JSON's names. It says two things: what the network
/// was trained on, which every walk over it needs, and how its own walk goes.
struct SchedulerConfig {
  int64_t num_train_timesteps = 1000;
  BetaSchedule beta_schedule = BetaSchedule::kSquaredCosine;
  double beta_start = 0.0001;  // of the schedules that are not the cosine's
  double beta_end = 0.02;
  PredictionType prediction_type = PredictionType::kEpsilon;
  VarianceType variance_type = VarianceType::kFixedSmallLog;

  TimestepSpacing timestep_spacing = TimestepSpacing::kLinspace;
  int64_t steps_offset = 0;      // of the leading spacing
  bool set_alpha_to_one = true;  // the walk ends at alpha_bar = 1; if not, at alpha_bar(0)
  bool clip_sample = true;
  double clip_sample_range = 1.0;

  /// An absent key has the default of its `_class_name`: a cosine and kLinspace are
  /// UnCLIPScheduler's, which knows no others; "linear" and "leading" those of DDIMScheduler.
  static SchedulerConfig from(const Config& config);
};

/// beta(t) and alpha_bar(t) of the config's beta_schedule.
NoiseSchedule noise_schedule(const SchedulerConfig& config);

}  // namespace unclip
