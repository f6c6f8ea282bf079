#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/class_traits.h"
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
  std::vector<double> trained_betas;  // if not empty, in place of all above
  std::vector<double> alpha_bars;     // of a schedule that a specification names, the same
  bool rescale_betas_zero_snr = false;
  PredictionType prediction_type = PredictionType::kEpsilon;
  VarianceType variance_type = VarianceType::kFixedSmallLog;

  ClassTimesteps class_timesteps = ClassTimesteps::kWhole;  // how its class spaces them
  TimestepSpacing timestep_spacing = TimestepSpacing::kLinspace;
  TimestepSpacing other_spacing =
      TimestepSpacing::kLinspace;  // whose bounds a spacing of sigma has
  int64_t steps_offset = 0;        // of the leading spacing
  double rho = 7;                  // of the Karras spacing
  double sigma_min = 0;            // where a spacing of sigma ends; 0: at the schedule's least
  double sigma_max = 0;            // where it begins; 0: at the schedule's largest
  bool rounds_timesteps = false;  // of a spacing of sigma; else the fraction is cut off, or kept if
                                  // class_timesteps is kReal
  bool log_linear = false;        // sigma goes evenly by its logarithm, whatever the timesteps
  int64_t original_inference_steps = 50;  // of kOriginal
  double largest_sigma = 0;  // exp(-lambda_min_clipped): timesteps with more are left out; 0: none
  bool set_alpha_to_one = true;     // the run ends at alpha_bar = 1; if not, at alpha_bar(0),
  bool ends_at_last_sigma = false;  // or at the last sigma of a spacing of sigma
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
