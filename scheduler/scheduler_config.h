#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scheduler/class_traits.h"
#include "scheduler/noise_schedule.h"
#include "scheduler/spacing.h"

namespace unclip {

class Config;

/// What a network was trained to predict: the noise, the sample, or v = sqrt(a) eps - sqrt(1 - a)
/// x_0 with a = alpha_bar(t).
enum class PredictionType { kEpsilon, kSample, kVPrediction };
/// Variance of the noise that `ddpm` and `unclip` add. For the last two the network predicts it.
enum class VarianceType { kFixedSmallLog, kFixedSmall, kFixedLarge, kLearned, kLearnedRange };
constexpr bool is_learned(VarianceType type) {
  return type == VarianceType::kLearned || type == VarianceType::kLearnedRange;
}

/// scheduler_config.json; fields that stand for a key bear its name. It describes two things: what
/// the network was trained on, which every sampler needs, and the model's own sampling run.
struct SchedulerConfig {
  int64_t num_train_timesteps = 1000;
  std::string beta_schedule = "cosine";  // one of noise_schedule_names()
  double beta_start = 0.0001;            // for the schedules that have both
  double beta_end = 0.02;
  std::vector<double> trained_betas;  // if not empty, in place of all fields above
  std::vector<double> alpha_bars;     // the same, of a schedule that WalkOptions names
  bool rescale_betas_zero_snr = false;
  PredictionType prediction_type = PredictionType::kEpsilon;
  VarianceType variance_type = VarianceType::kFixedSmallLog;

  ClassTimesteps class_timesteps = ClassTimesteps::kWhole;  // how the class spaces its timesteps
  TimestepSpacing timestep_spacing = TimestepSpacing::kLinspace;
  TimestepSpacing other_spacing =
      TimestepSpacing::kLinspace;  // the bounds of a spacing of sigma are this one's
  int64_t steps_offset = 0;        // for the leading spacing
  double rho = 7;                  // for the Karras spacing
  double sigma_min = 0;            // last sigma of a spacing of sigma; 0: the schedule's smallest
  double sigma_max = 0;            // first sigma; 0: the schedule's largest
  bool rounds_timesteps = false;   // for a spacing of sigma; if not, the fraction is cut off, or
                                   // kept if class_timesteps is kReal
  bool log_linear = false;         // log sigma falls linearly, whatever the timesteps
  int64_t original_inference_steps = 50;  // for kOriginal
  double largest_sigma = 0;  // exp(-lambda_min_clipped): timesteps above it are left out; 0: none
  bool set_alpha_to_one = true;     // the run ends at alpha_bar = 1; if not, at alpha_bar(0),
  bool ends_at_last_sigma = false;  // or, if this is set, at the last sigma of a spacing of sigma
  bool clip_sample = true;
  double clip_sample_range = 1.0;
  bool thresholding = false;  // dynamic thresholding in place of clipping
  double dynamic_thresholding_ratio = 0.995;
  double sample_max_value = 1.0;

  /// Reads the file. An absent key gets the default of the `_class_name`: for example a cosine and
  /// kLinspace for UnCLIPScheduler, which has no others, and "linear" and "leading" for
  /// DDIMScheduler.
  static SchedulerConfig from(const Config& config);
};

/// beta(t) and alpha_bar(t) of the config.
NoiseSchedule noise_schedule(const SchedulerConfig& config);

}  // namespace unclip
