#include "scheduler/scheduler_config.h"

#include "core/config.h"

namespace unclip {
namespace {

double beta_at(const Config& config, const char* key, double otherwise) {
  const auto beta = config.value_or<double>(key, otherwise);
  if (!(beta > 0 && beta < 1)) config.fail_value(key, "a number between 0 and 1");
  return beta;
}

// The keys of diffusers' DDIMScheduler that UnCLIPScheduler does not have.
void read_ddim(const Config& config, SchedulerConfig& c) {
  c.beta_schedule = config.choice<BetaSchedule>(
      "beta_schedule", {{"linear", BetaSchedule::kLinear},
                        {"scaled_linear", BetaSchedule::kScaledLinear},
                        {"squaredcos_cap_v2", BetaSchedule::kSquaredCosine}});
  c.beta_start = beta_at(config, "beta_start", c.beta_start);
  c.beta_end = beta_at(config, "beta_end", c.beta_end);
  config.expect_absent("trained_betas");
  config.expect("rescale_betas_zero_snr", false);
  config.expect("thresholding", false);
  c.timestep_spacing = config.choice<TimestepSpacing>("timestep_spacing",
                                                      {{"leading", TimestepSpacing::kLeading},
                                                       {"trailing", TimestepSpacing::kTrailing},
                                                       {"linspace", TimestepSpacing::kLinspace}});
  c.steps_offset = config.integer("steps_offset", c.steps_offset, 0, c.num_train_timesteps - 1);
  c.set_alpha_to_one = config.value_or<bool>("set_alpha_to_one", c.set_alpha_to_one);
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type", {{"epsilon", PredictionType::kEpsilon},
                          {"sample", PredictionType::kSample},
                          {"v_prediction", PredictionType::kVPrediction}});
}

void read_unclip(const Config& config, SchedulerConfig& c) {
  config.expect("beta_schedule", "squaredcos_cap_v2");
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type",
      {{"epsilon", PredictionType::kEpsilon}, {"sample", PredictionType::kSample}});
}

}  // namespace

SchedulerConfig SchedulerConfig::from(const Config& config) {
  SchedulerConfig c;
  c.num_train_timesteps = config.integer("num_train_timesteps", c.num_train_timesteps, 1, 1000000);
  const bool is_unclip =
      config.value_or<std::string>("_class_name", "UnCLIPScheduler") == "UnCLIPScheduler";
  is_unclip ? read_unclip(config, c) : read_ddim(config, c);
  // Differs from diffusers' DDIMScheduler, which has no such key: a U-Net with learned variances
  // keeps its channels whatever walks over it.
  c.variance_type = config.choice<VarianceType>("variance_type",
                                                {{"fixed_small_log", VarianceType::kFixedSmallLog},
                                                 {"learned_range", VarianceType::kLearnedRange}});
  c.clip_sample = config.value_or<bool>("clip_sample", c.clip_sample);
  c.clip_sample_range = config.value_or<double>("clip_sample_range", c.clip_sample_range);
  if (!(c.clip_sample_range > 0)) config.fail_value("clip_sample_range", "a positive number");
  return c;
}

NoiseSchedule noise_schedule(const SchedulerConfig& config) {
  switch (config.beta_schedule) {
    case BetaSchedule::kLinear:
      return linear_schedule(config.num_train_timesteps, config.beta_start, config.beta_end);
    case BetaSchedule::kScaledLinear:
      return scaled_linear_schedule(config.num_train_timesteps, config.beta_start, config.beta_end);
    case BetaSchedule::kSquaredCosine:
      break;
  }
  return cosine_schedule(config.num_train_timesteps);
}

}  // namespace unclip
