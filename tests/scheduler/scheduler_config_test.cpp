#include "scheduler/scheduler_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/config.h"
#include "tests/support/refusals.h"

namespace unclip {
namespace {

SchedulerConfig read(const std::string& text) {
  return SchedulerConfig::from(Config::parse(text, "scheduler_config.json"));
}

TEST(SchedulerConfig, HasTheDefaultsOfItsClass) {
  const auto unclip = read("{}");
  EXPECT_EQ(unclip.beta_schedule, "cosine");
  EXPECT_EQ(unclip.timestep_spacing, TimestepSpacing::kLinspace);
  const auto ddim = read(R"({"_class_name": "DDIMScheduler"})");
  EXPECT_EQ(ddim.beta_schedule, "linear");
  EXPECT_EQ(ddim.beta_start, 0.0001);
  EXPECT_EQ(ddim.beta_end, 0.02);
  EXPECT_EQ(ddim.timestep_spacing, TimestepSpacing::kLeading);
  EXPECT_EQ(ddim.steps_offset, 0);
  for (const auto& config : {unclip, ddim}) {
    EXPECT_EQ(config.num_train_timesteps, 1000);
    EXPECT_EQ(config.prediction_type, PredictionType::kEpsilon);
    EXPECT_EQ(config.variance_type, VarianceType::kFixedSmallLog);
    EXPECT_TRUE(config.set_alpha_to_one);
    EXPECT_TRUE(config.clip_sample);
    EXPECT_EQ(config.clip_sample_range, 1);
  }
}

TEST(SchedulerConfig, ReadsTheKeysOfDdim) {
  const auto config = read(R"({"_class_name": "DDIMScheduler", "num_train_timesteps": 50,
      "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012,
      "prediction_type": "v_prediction", "variance_type": "learned_range",
      "timestep_spacing": "trailing", "steps_offset": 1, "set_alpha_to_one": false,
      "clip_sample": false, "clip_sample_range": 2, "thresholding": false,
      "rescale_betas_zero_snr": false, "trained_betas": null})");
  EXPECT_EQ(config.num_train_timesteps, 50);
  EXPECT_EQ(config.beta_schedule, "scaled_linear");
  EXPECT_EQ(config.beta_start, 0.00085);
  EXPECT_EQ(config.beta_end, 0.012);
  EXPECT_EQ(config.prediction_type, PredictionType::kVPrediction);
  EXPECT_EQ(config.variance_type, VarianceType::kLearnedRange);
  EXPECT_EQ(config.timestep_spacing, TimestepSpacing::kTrailing);
  EXPECT_EQ(config.steps_offset, 1);
  EXPECT_FALSE(config.set_alpha_to_one);
  EXPECT_FALSE(config.clip_sample);
  EXPECT_EQ(config.clip_sample_range, 2);
  EXPECT_EQ(noise_schedule(config).num_train_timesteps(), 50);
}

TEST(SchedulerConfig, BeginsAWalkAtTheLeastLambda) {
  const auto sigma_max = [](const std::string& lambda) {
    return read(R"({"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": )" +
                lambda + "}")
        .largest_sigma;
  };
  EXPECT_NEAR(sigma_max("-5.1"), 164.0, 0.1);
  EXPECT_EQ(sigma_max("-Infinity"), 0);
}

TEST(SchedulerConfig, RefusesWhatIsNotImplemented) {
  testing::expect_refused<SchedulerConfig>("tests/golden/karlo/prior_scheduler.config.json",
                                           {{"num_train_timesteps", 0},
                                            {"beta_schedule", "linear"},
                                            {"prediction_type", "v_prediction"},
                                            {"variance_type", "fixed_large"},
                                            {"clip_sample_range", 0}});

  EXPECT_THROW(read(R"({"_class_name": "DDIMScheduler", "use_flow_sigmas": true})"), Error);
  const std::vector<testing::Unfit> unfit = {
      {"beta_schedule", "cubic"}, {"beta_start", 0},
      {"beta_end", 1.5},          {"dynamic_thresholding_ratio", 1},
      {"sample_max_value", 0.5},  {"timestep_spacing", "cubic"},
      {"steps_offset", 1000},     {"prediction_type", "flow"}};
  for (const auto& [key, value] : unfit) {
    nlohmann::json json = {{"_class_name", "DDIMScheduler"}};
    json[key] = value;
    std::string message;
    try {
      read(json.dump());
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_TRUE(message.starts_with("scheduler_config.json: '" + key + "': expected ")) << message;
  }
}

}  // namespace
}  // namespace unclip
