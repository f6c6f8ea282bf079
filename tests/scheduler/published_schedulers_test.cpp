// The sampling runs that the scheduler_config.json of the published unCLIP models describe, step by
// step beside diffusers: tests/golden/make_published_schedulers.py.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/error.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"

namespace unclip {
namespace {

using Json = nlohmann::json;

SchedulerSpec published_spec(const Json& config) {
  return Config::parse(config.dump(), "scheduler_config.json");
}

/// The prediction for x_t (1, 4, 2, 2), as the script has it.
at::Tensor published_prediction(const at::Tensor& x_t, double t, bool learned) {
  const auto k = at::arange(16, at::kFloat).view({1, 4, 2, 2});
  const auto prediction = 0.5 * x_t + 0.3 * at::cos(0.01 * t + k);
  return learned ? at::cat({prediction, at::sin(0.02 * t + k)}, 1) : prediction;
}

/// The largest difference of a step's numbers from the record's, in parts of the largest of them.
double step_difference(const at::Tensor& x, const Json& expected) {
  const auto flat = x.flatten();
  double largest = 1, difference = 0;
  for (size_t k = 0; k < expected.size(); ++k) {
    const double theirs = expected[k], ours = flat[static_cast<int64_t>(k)].item<double>();
    if (!std::isfinite(ours)) return INFINITY;
    largest = std::max(largest, std::abs(theirs));
    difference = std::max(difference, std::abs(ours - theirs));
  }
  return difference / largest;
}

/// The largest difference of the run's steps from the record's.
double run_difference(const Json& record) {
  const auto scheduler = make_scheduler(published_spec(record["config"]), record["steps"]);
  EXPECT_EQ(scheduler->timesteps(), record["timesteps"].get<std::vector<double>>());
  const bool learned = record["config"].value("variance_type", "") == "learned_range";
  NoiseSource noise({1});
  const auto x_T = noise.draw({4, 2, 2});
  double worst = 0;
  const Denoiser model = [&](const at::Tensor& x_t, const At& at) {
    return published_prediction(x_t, at.level.timestep, learned);
  };
  denoise(*scheduler, model, x_T, noise, [&](const Step& step) {
    worst = std::max(worst, step_difference(step.next, record["x"][step.i]));
  });
  return worst;
}

/// What rounding may add up to in a hundred steps. ddpm and unclip have diffusers' coefficients, in
/// float32; the others have them in double.
double allowed_difference(const Json& config) {
  const std::string name = config["_class_name"];
  return name == "DDPMScheduler" || name == "UnCLIPScheduler" ? 5e-7 : 4e-6;
}

TEST(PublishedSchedulers, StepAsDiffusersDoes) {
  std::ifstream file("tests/golden/published_schedulers.json");
  const auto golden = Json::parse(file);
  std::map<std::string, double> worst;
  for (const auto& record : golden["records"]) {
    const auto name = record["name"].get<std::string>() + ", steps " + record["steps"].dump();
    worst[name] = run_difference(record);
    EXPECT_LE(worst[name], allowed_difference(record["config"])) << name;
  }
  EXPECT_EQ(worst.size(), golden["records"].size());
  EXPECT_GT(worst.size(), 80U);
}

TEST(PublishedSchedulers, DrawNoiseAfterEveryTimestepButZero) {
  const auto draws = [](const std::string& keys, int64_t steps) {
    const auto config =
        Json::parse(R"({"_class_name": "DDPMScheduler", "clip_sample": false)" + keys + "}");
    const auto scheduler = make_scheduler(published_spec(config), steps);
    NoiseSource noise({1});
    const Denoiser model = [](const at::Tensor& x_t, const At&) { return at::zeros_like(x_t); };
    denoise(*scheduler, model, at::ones({1, 1, 2, 2}), noise);
    return noise.draws();
  };
  EXPECT_EQ(draws(R"(, "steps_offset": 1)", 10), 10);
  EXPECT_EQ(draws("", 10), 9);
}

TEST(PublishedSchedulers, RefuseARunThatWouldBeginAboveTheLastTimestep) {
  const auto config = Json::parse(R"({"_class_name": "DDPMScheduler", "steps_offset": 1})");
  EXPECT_NO_THROW(make_scheduler(published_spec(config), 999));
  EXPECT_THROW(make_scheduler(published_spec(config), 1000), Error);
}

// An absent key and null are not the same: 1, and no bound.
TEST(PublishedSchedulers, BoundTheThresholdUnlessSampleMaxValueIsNull) {
  const auto largest = [](const std::string& keys) {
    const auto config = Json::parse(
        R"({"_class_name": "DDPMScheduler", "prediction_type": "sample", "thresholding": true)" +
        keys + "}");
    const auto scheduler = make_scheduler(published_spec(config), 10);
    const auto x = at::linspace(-8, 8, 16).view({1, 4, 2, 2});
    // Divided by s, the quantile clamped to [1, most]: the sample's numbers near 0 tell s.
    return x.view({-1})[8].item<double>() /
           scheduler->predict_x0(x, 0, x).view({-1})[8].item<double>();
  };
  EXPECT_NEAR(largest(""), 1, 1e-6);
  EXPECT_NEAR(largest(R"(, "sample_max_value": 1.5)"), 1.5, 1e-6);
  EXPECT_GT(largest(R"(, "sample_max_value": null)"), 7.5);
}

}  // namespace
}  // namespace unclip
