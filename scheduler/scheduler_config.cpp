#include "scheduler/scheduler_config.h"

#include <cmath>

#include "core/config.h"
#include "scheduler/sampler_options.h"

namespace unclip {
namespace {

double beta_at(const Config& config, const char* key, double otherwise) {
  const auto beta = config.value_or<double>(key, otherwise);
  if (!(beta > 0 && beta < 1)) config.fail_value(key, "a number between 0 and 1");
  return beta;
}

double at_least(const Config& config, const char* key, double otherwise, double least) {
  const auto value = config.value_or<double>(key, otherwise);
  if (!(value >= least)) config.fail_value(key, "a number from " + number_text(least) + " on");
  return value;
}

/// What the published classes do where a key is absent.
struct ClassDefaults {
  const char* beta_schedule = "linear";
  double beta_start = 0.0001, beta_end = 0.02;
  TimestepSpacing spacing = TimestepSpacing::kLinspace;
  bool clip_sample = false;
  bool set_alpha_to_one = true;
};

ClassDefaults defaults_of(const std::string& class_name) {
  ClassDefaults d;
  for (const auto* leading : {"DDIMScheduler", "DDIMInverseScheduler", "DDPMScheduler",
                              "PNDMScheduler", "LCMScheduler"}) {
    if (class_name == leading) d.spacing = TimestepSpacing::kLeading;
  }
  d.clip_sample = class_name.starts_with("DDIM") || class_name == "DDPMScheduler";
  d.set_alpha_to_one = class_name != "PNDMScheduler" && class_name != "DEISMultistepScheduler" &&
                       class_name != "SASolverScheduler";
  if (class_name == "HeunDiscreteScheduler" || class_name == "LCMScheduler") {
    d.beta_start = 0.00085;
    d.beta_end = 0.012;
  }
  if (class_name == "LCMScheduler") d.beta_schedule = "scaled_linear";
  return d;
}

void read_schedule(const Config& config, const ClassDefaults& defaults, SchedulerConfig& c) {
  c.beta_schedule = defaults.beta_schedule;
  if (config.has("beta_schedule")) {
    c.beta_schedule =
        config.choice<const char*>("beta_schedule", {{"linear", "linear"},
                                                     {"scaled_linear", "scaled_linear"},
                                                     {"squaredcos_cap_v2", "cosine"},
                                                     {"sigmoid", "sigmoid"},
                                                     {"exp", "exp"},
                                                     {"laplace", "laplace"}});
  }
  c.beta_start = beta_at(config, "beta_start", defaults.beta_start);
  c.beta_end = beta_at(config, "beta_end", defaults.beta_end);
  c.trained_betas = config.value_or<std::vector<double>>("trained_betas", {});
  if (!c.trained_betas.empty()) {
    schedule_of_betas(c.trained_betas, config.name() + ": 'trained_betas'");
    c.num_train_timesteps = static_cast<int64_t>(c.trained_betas.size());
  }
  c.rescale_betas_zero_snr = config.value_or<bool>("rescale_betas_zero_snr", false);
}

void read_spacing(const Config& config, const ClassDefaults& defaults, SchedulerConfig& c) {
  c.timestep_spacing = defaults.spacing;
  if (config.has("timestep_spacing")) {
    c.timestep_spacing = config.choice<TimestepSpacing>("timestep_spacing",
                                                        {{"leading", TimestepSpacing::kLeading},
                                                         {"trailing", TimestepSpacing::kTrailing},
                                                         {"linspace", TimestepSpacing::kLinspace}});
  }
  for (const auto& [key, spacing] :
       {std::pair{"use_karras_sigmas", TimestepSpacing::kKarras},
        std::pair{"use_exponential_sigmas", TimestepSpacing::kExponential},
        std::pair{"use_beta_sigmas", TimestepSpacing::kBeta},
        std::pair{"use_lu_lambdas", TimestepSpacing::kLogSnr}}) {
    if (config.value_or<bool>(key, false)) c.timestep_spacing = spacing;
  }
  config.expect("use_flow_sigmas", false);
  // -Infinity is none, which Config reads as absent.
  if (config.has("lambda_min_clipped")) {
    c.sigma_max = std::exp(-config.require<double>("lambda_min_clipped"));
    if (!std::isfinite(c.sigma_max)) config.fail_value("lambda_min_clipped", "a number");
  }
  c.steps_offset = config.integer("steps_offset", c.steps_offset, 0, c.num_train_timesteps - 1);
}

// The keys of diffusers' discrete schedulers that UnCLIPScheduler does not have.
void read_discrete(const Config& config, const ClassDefaults& defaults, SchedulerConfig& c) {
  read_schedule(config, defaults, c);
  read_spacing(config, defaults, c);
  c.set_alpha_to_one = config.value_or<bool>("set_alpha_to_one", defaults.set_alpha_to_one);
  if (config.has("final_sigmas_type")) {
    c.set_alpha_to_one =
        config.choice<bool>("final_sigmas_type", {{"zero", true}, {"sigma_min", false}});
  }
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type", {{"epsilon", PredictionType::kEpsilon},
                          {"sample", PredictionType::kSample},
                          {"v_prediction", PredictionType::kVPrediction}});
  c.thresholding = config.value_or<bool>("thresholding", false);
  c.dynamic_thresholding_ratio =
      beta_at(config, "dynamic_thresholding_ratio", c.dynamic_thresholding_ratio);
  c.sample_max_value = at_least(config, "sample_max_value", c.sample_max_value, 1);
}

void read_unclip(const Config& config, SchedulerConfig& c) {
  config.expect("beta_schedule", "squaredcos_cap_v2");
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type",
      {{"epsilon", PredictionType::kEpsilon}, {"sample", PredictionType::kSample}});
}

// Differs from diffusers, where few classes have such a key: a U-Net with learned variances keeps
// its channels whatever walks over it.
VarianceType variance_type_of(const Config& config, const std::string& class_name) {
  if (class_name != "DDPMScheduler") {
    return config.choice<VarianceType>("variance_type",
                                       {{"fixed_small_log", VarianceType::kFixedSmallLog},
                                        {"learned_range", VarianceType::kLearnedRange}});
  }
  return config.choice<VarianceType>("variance_type",
                                     {{"fixed_small", VarianceType::kFixedSmall},
                                      {"fixed_small_log", VarianceType::kFixedSmallLog},
                                      {"fixed_large", VarianceType::kFixedLarge},
                                      {"learned", VarianceType::kLearned},
                                      {"learned_range", VarianceType::kLearnedRange}});
}

}  // namespace

SchedulerConfig SchedulerConfig::from(const Config& config) {
  SchedulerConfig c;
  c.num_train_timesteps = config.integer("num_train_timesteps", c.num_train_timesteps, 1, 1000000);
  const auto class_name = config.value_or<std::string>("_class_name", "UnCLIPScheduler");
  if (class_name == "UnCLIPScheduler") {
    read_unclip(config, c);
  } else {
    const auto defaults = defaults_of(class_name);
    c.clip_sample = defaults.clip_sample;
    read_discrete(config, defaults, c);
  }
  c.variance_type = variance_type_of(config, class_name);
  c.clip_sample = config.value_or<bool>("clip_sample", c.clip_sample);
  c.clip_sample_range = config.value_or<double>("clip_sample_range", c.clip_sample_range);
  if (!(c.clip_sample_range > 0)) config.fail_value("clip_sample_range", "a positive number");
  return c;
}

NoiseSchedule noise_schedule(const SchedulerConfig& config) {
  auto schedule = config.trained_betas.empty()
                      ? make_noise_schedule(config.beta_schedule,
                                            {.num_train_timesteps = config.num_train_timesteps,
                                             .beta_start = config.beta_start,
                                             .beta_end = config.beta_end})
                      : schedule_of_betas(config.trained_betas, "trained_betas");
  return config.rescale_betas_zero_snr ? with_zero_terminal_snr(schedule) : schedule;
}

}  // namespace unclip
