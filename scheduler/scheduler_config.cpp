#include "scheduler/scheduler_config.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/config.h"
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

void read_schedule(const Config& config, const ClassTraits& traits, SchedulerConfig& c) {
  c.beta_schedule = traits.beta_schedule;
  if (config.has("beta_schedule")) {
    c.beta_schedule =
        config.choice<const char*>("beta_schedule", {{"linear", "linear"},
                                                     {"scaled_linear", "scaled_linear"},
                                                     {"squaredcos_cap_v2", "cosine"},
                                                     {"sigmoid", "sigmoid"},
                                                     {"exp", "exp"},
                                                     {"laplace", "laplace"}});
  }
  c.beta_start = beta_at(config, "beta_start", traits.beta_start);
  c.beta_end = beta_at(config, "beta_end", traits.beta_end);
  c.trained_betas = config.value_or<std::vector<double>>("trained_betas", {});
  if (!c.trained_betas.empty()) {
    schedule_of_betas(c.trained_betas, config.name() + ": 'trained_betas'");
    c.num_train_timesteps = static_cast<int64_t>(c.trained_betas.size());
  }
  c.rescale_betas_zero_snr = config.value_or<bool>("rescale_betas_zero_snr", false);
}

/// Whether a flag of the class is on; off in a class that does not have the key.
bool is_on(const Config& config, const ClassTraits& traits, const char* key,
           bool otherwise = false) {
  const bool value = config.value_or<bool>(key, otherwise);
  return reads_key(traits, key) ? value : otherwise;
}

/// The spacing of sigma that a flag of the config chooses, or `otherwise` if none is on.
TimestepSpacing sigma_spacing(const Config& config, const ClassTraits& traits,
                              TimestepSpacing otherwise) {
  const char* chosen = nullptr;
  auto spacing = otherwise;
  const auto choose = [&](const char* key, TimestepSpacing of_key) {
    if (!is_on(config, traits, key)) return;
    if (chosen != nullptr) {
      config.fail_value(key, std::string("false, since '") + chosen + "' is true,");
    }
    chosen = key;
    spacing = of_key;
  };
  choose("use_karras_sigmas", TimestepSpacing::kKarras);
  choose("use_exponential_sigmas", TimestepSpacing::kExponential);
  choose("use_beta_sigmas", TimestepSpacing::kBeta);
  // Visits both ends, like the exponential spacing; spacing=logsnr takes one more step, to t = 0.
  choose("use_lu_lambdas", TimestepSpacing::kExponential);
  return spacing;
}

/// Reads the keys of spacings of sigma: their bounds, and how their timesteps are rounded.
void read_sigmas(const Config& config, const ClassTraits& traits, SchedulerConfig& c) {
  using namespace scheduler_class;
  c.other_spacing = c.timestep_spacing;
  c.timestep_spacing = sigma_spacing(config, traits, c.timestep_spacing);
  if (!is_of_sigma(c.timestep_spacing)) return;
  const bool bounded = traits.bit != kLms || c.timestep_spacing != TimestepSpacing::kKarras;
  for (const auto& [key, bound] :
       {std::pair{"sigma_min", &c.sigma_min}, std::pair{"sigma_max", &c.sigma_max}}) {
    if (!config.has(key)) continue;
    const auto value = config.require<double>(key);
    if (!(value > 0)) config.fail_value(key, "a number above 0");
    if (bounded) *bound = value;
  }
  if (c.sigma_min > 0 && c.sigma_max > 0 && c.sigma_min >= c.sigma_max) {
    config.fail_value("sigma_min", "a number below 'sigma_max'");
  }
  const bool of_lambda = config.value_or<bool>("use_lu_lambdas", false);
  const bool cosine = traits.bit == kMultistep && c.beta_schedule == "cosine";
  c.rounds_timesteps = (c.timestep_spacing == TimestepSpacing::kKarras || of_lambda) && !cosine;
}

void read_spacing(const Config& config, const ClassTraits& traits, SchedulerConfig& c) {
  c.class_timesteps = traits.timesteps;
  c.timestep_spacing = traits.spacing;
  if (config.has("timestep_spacing") && reads_key(traits, "timestep_spacing")) {
    c.timestep_spacing = config.choice<TimestepSpacing>("timestep_spacing",
                                                        {{"leading", TimestepSpacing::kLeading},
                                                         {"trailing", TimestepSpacing::kTrailing},
                                                         {"linspace", TimestepSpacing::kLinspace}});
  }
  read_sigmas(config, traits, c);
  if (reads_key(traits, "interpolation_type")) {
    c.log_linear =
        config.choice<bool>("interpolation_type", {{"linear", false}, {"log_linear", true}});
    const bool continuous =
        config.choice<bool>("timestep_type", {{"discrete", false}, {"continuous", true}});
    // For a model of v, diffusers passes log(sigma) / 4 to the network as its timestep.
    if (continuous && c.prediction_type == PredictionType::kVPrediction) {
      config.fail_value("timestep_type", "\"discrete\" for a 'prediction_type' of v");
    }
  }
  if (reads_key(traits, "original_inference_steps")) {
    c.original_inference_steps =
        config.integer("original_inference_steps", 50, 1, c.num_train_timesteps);
  }
  // -Infinity means no limit; Config reads it as absent.
  if (config.has("lambda_min_clipped") && reads_key(traits, "lambda_min_clipped")) {
    c.largest_sigma = std::exp(-config.require<double>("lambda_min_clipped"));
    if (!std::isfinite(c.largest_sigma)) config.fail_value("lambda_min_clipped", "a number");
  }
  const auto offset = config.integer("steps_offset", 0, 0, c.num_train_timesteps - 1);
  if (reads_key(traits, "steps_offset")) c.steps_offset = offset;
}

/// Reads the keys that say where the run ends.
void read_end(const Config& config, const ClassTraits& traits, SchedulerConfig& c) {
  c.set_alpha_to_one = is_on(config, traits, "set_alpha_to_one", traits.set_alpha_to_one);
  if (reads_key(traits, "final_sigmas_type")) {
    c.set_alpha_to_one =
        config.choice<bool>("final_sigmas_type", {{"zero", true}, {"sigma_min", false}});
  }
  // Without a spacing of sigma, the last step's sigma is the schedule's least.
  if (c.log_linear && !is_of_sigma(c.timestep_spacing)) c.set_alpha_to_one = false;
  using namespace scheduler_class;
  c.ends_at_last_sigma = !c.set_alpha_to_one && is_of_sigma(c.timestep_spacing) &&
                         (traits.bit & (kUnipc | kDeis | kSaSolver)) != 0;
}

// Reads the keys of diffusers' discrete schedulers that UnCLIPScheduler does not have.
void read_discrete(const Config& config, const ClassTraits& traits, SchedulerConfig& c) {
  read_schedule(config, traits, c);
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type", {{"epsilon", PredictionType::kEpsilon},
                          {"sample", PredictionType::kSample},
                          {"v_prediction", PredictionType::kVPrediction}});
  read_spacing(config, traits, c);
  read_end(config, traits, c);
  c.thresholding = is_on(config, traits, "thresholding");
  c.dynamic_thresholding_ratio =
      beta_at(config, "dynamic_thresholding_ratio", c.dynamic_thresholding_ratio);
  c.sample_max_value = at_least(config, "sample_max_value", c.sample_max_value, 1);
  // In diffusers null means no limit.
  if (const auto& json = config.json();
      json.contains("sample_max_value") && json.at("sample_max_value").is_null()) {
    c.sample_max_value = std::numeric_limits<double>::infinity();
  }
}

void read_unclip(const Config& config, SchedulerConfig& c) {
  config.expect("beta_schedule", "squaredcos_cap_v2");
  c.prediction_type = config.choice<PredictionType>(
      "prediction_type",
      {{"epsilon", PredictionType::kEpsilon}, {"sample", PredictionType::kSample}});
}

// Differs from diffusers, in which few classes have such a key: a U-Net with learned variances has
// the same output channels with every sampler.
VarianceType variance_type_of(const Config& config, const ClassTraits& traits) {
  using namespace scheduler_class;
  using enum VarianceType;
  if (traits.bit == kUnclip) {
    return config.choice<VarianceType>(
        "variance_type", {{"fixed_small_log", kFixedSmallLog}, {"learned_range", kLearnedRange}});
  }
  if (traits.bit != kDdpm && !config.has("variance_type")) return kFixedSmallLog;
  return config.choice<VarianceType>("variance_type", {{"fixed_small", kFixedSmall},
                                                       {"fixed_small_log", kFixedSmallLog},
                                                       {"fixed_large", kFixedLarge},
                                                       {"learned", kLearned},
                                                       {"learned_range", kLearnedRange}});
}

}  // namespace

SchedulerConfig SchedulerConfig::from(const Config& config) {
  const auto& traits = class_traits_of(config);
  SchedulerConfig c;
  c.num_train_timesteps = config.integer("num_train_timesteps", c.num_train_timesteps, 1, 1000000);
  if (traits.bit == scheduler_class::kUnclip) {
    read_unclip(config, c);
  } else {
    read_discrete(config, traits, c);
  }
  c.variance_type = variance_type_of(config, traits);
  c.clip_sample = is_on(config, traits, "clip_sample", traits.clip_sample);
  c.clip_sample_range = config.value_or<double>("clip_sample_range", c.clip_sample_range);
  if (!(c.clip_sample_range > 0)) config.fail_value("clip_sample_range", "a positive number");
  expect_known_keys(config);
  return c;
}

NoiseSchedule noise_schedule(const SchedulerConfig& config) {
  if (!config.alpha_bars.empty()) return schedule_of_alpha_bars(config.alpha_bars, "schedule");
  auto schedule = config.trained_betas.empty()
                      ? make_noise_schedule(config.beta_schedule,
                                            {.num_train_timesteps = config.num_train_timesteps,
                                             .beta_start = config.beta_start,
                                             .beta_end = config.beta_end})
                      : schedule_of_betas(config.trained_betas, "trained_betas");
  return config.rescale_betas_zero_snr ? with_zero_terminal_snr(schedule) : schedule;
}

}  // namespace unclip
