#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/noise_schedule.h"
#include "scheduler/spacing.h"

namespace unclip {

class Config;

/// What a network was taught to predict: the noise, the sample, or v = sqrt(a) eps - sqrt(1 - a)
/// x_0 with a = alpha_bar(t).
enum class PredictionType { kEpsilon, kSample, kVPrediction };
/// What the noise of ancestral sampling has for a variance, of ddpm and unclip. The last two are
/// the network's.
enum class VarianceType { kFixedSmallLog, kFixedSmall, kFixedLarge, kLearned, kLearnedRange };
constexpr bool is_learned(VarianceType type) {
  return type == VarianceType::kLearned || type == VarianceType::kLearnedRange;
}

/// scheduler_config.json; the fields bear the JSON's names. It says two things: what the network
/// was trained on, which every walk over it needs, and how its own walk goes.
struct SchedulerConfig {
  int64_t num_train_timesteps = 1000;
  std::string beta_schedule = "cosine";  // one of noise_schedule_names()
  double beta_start = 0.0001;            // of the schedules that have both
  double beta_end = 0.02;
  std::vector<double> trained_betas;  // where they are there, in place of all above
  bool rescale_betas_zero_snr = false;
  PredictionType prediction_type = PredictionType::kEpsilon;
  VarianceType variance_type = VarianceType::kFixedSmallLog;

  TimestepSpacing timestep_spacing = TimestepSpacing::kLinspace;
  int64_t steps_offset = 0;      // of the leading spacing
  double rho = 7;                // of the Karras spacing
  double sigma_max = 0;          // exp(-lambda_min_clipped), where a walk begins; 0: at the end
  bool set_alpha_to_one = true;  // the walk ends at alpha_bar = 1; if not, at alpha_bar(0)
  bool clip_sample = true;
  double clip_sample_range = 1.0;
  bool thresholding = false;  // dynamic thresholding, in place of clipping
  double dynamic_thresholding_ratio = 0.995;
  double sample_max_value = 1.0;

  /// An absent key has the default of its `_class_name`: a cosine and kLinspace are
  /// UnCLIPScheduler's, which knows no others; "linear" and "leading" those of DDIMScheduler.
  static SchedulerConfig from(const Config& config);
};

/// beta(t) and alpha_bar(t) of the config.
NoiseSchedule noise_schedule(const SchedulerConfig& config);

}  // namespace unclip
