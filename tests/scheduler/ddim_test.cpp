#include <gtest/gtest.h>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/gaussian_world.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::GaussianWorld;
using testing::Golden;

Config config(const std::string& text) { return Config::parse(text, "scheduler_config.json"); }

const auto* const kUnclip = R"({"prediction_type": "sample", "clip_sample": false})";

/// The reference's walk of n steps, as the golden names it.
struct Walk {
  int64_t n = 1;
  bool noisy = false;

  std::string of(std::string name) const { return name.append(".").append(std::to_string(n)); }
  std::string x() const { return of("x").append(noisy ? ".noisy" : ""); }
};

class DdimGolden : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden{std::string("scheduler_ddim_") + GetParam()};

  NoiseSource noise() const { return NoiseSource({golden.seed(), golden.seed() + 1}); }
  std::unique_ptr<Scheduler> make(const Walk& walk) const {
    const double eta = walk.noisy ? std::stod(golden.metadata("eta")) : 0;
    return make_scheduler(golden.config(), {.steps = walk.n, .own = {{"eta", number_text(eta)}}});
  }
  std::vector<Walk> walks() const {
    std::vector<Walk> all;
    for (const int64_t n : {2, 5, 25}) {
      for (const bool noisy : {false, true}) all.push_back({n, noisy});
    }
    return all;
  }
  /// Short of alpha_bar = 1 the reference's last step adds noise, and ours does not.
  bool last_is_comparable(const Walk& walk) const {
    return !walk.noisy || golden.config().value_or<bool>("set_alpha_to_one", true);
  }
};

TEST_P(DdimGolden, WalksAsDiffusersDoes) {
  for (const auto& walk : walks()) {
    const auto scheduler = make(walk);
    EXPECT_TRUE(
        close(at::tensor(scheduler->timesteps()).to(at::kLong), golden[walk.of("timesteps")], 0));

    // Every step starts where the reference's does, so that a difference is that step's own.
    const auto& x = golden[walk.x()];
    const auto& outputs = golden[walk.of("model_output")];
    auto source = noise();
    EXPECT_TRUE(close(source.draw_like(x[0]), x[0], /*rtol=*/0));
    for (int64_t i = 0; i < (last_is_comparable(walk) ? walk.n : walk.n - 1); ++i) {
      const auto next = scheduler->step(outputs[i], static_cast<size_t>(i), x[i], source);
      EXPECT_TRUE(close(next, x[i + 1], /*rtol=*/1e-5)) << "step " << i << " of " << walk.x();
    }
  }
}

TEST_P(DdimGolden, EndsAWholeWalkWhereDiffusersDoes) {
  for (const auto& walk : walks()) {
    if (!last_is_comparable(walk)) continue;
    const auto scheduler = make(walk);
    const auto& x = golden[walk.x()];
    auto source = noise();
    int64_t calls = 0;
    const auto recorded = [&](const at::Tensor&, const At&) {
      return golden[walk.of("model_output")][calls++];
    };
    const auto x_0 = denoise(*scheduler, recorded, source.draw_like(x[0]), source);
    EXPECT_TRUE(close(x_0, x[walk.n], /*rtol=*/1e-5)) << walk.x();
  }
}

INSTANTIATE_TEST_SUITE_P(, DdimGolden,
                         ::testing::Values("epsilon", "sample", "v_prediction", "offset"),
                         [](const auto& info) { return info.param; });

// A looser tolerance, for the published coefficients of ancestral sampling are float32.
TEST(Ddim, AtEtaOneIsAncestralSampling) {
  const auto model = [](const at::Tensor& x_t, const At& at) {
    const double t = at.level.timestep;
    return (x_t * 0.7 + static_cast<double>(t) / 1000).tanh();
  };
  const auto walk = [&](const WalkOptions& options) {
    NoiseSource noise({3, 4});
    const auto x_T = noise.draw({3, 2, 2});
    return denoise(*make_scheduler(config(kUnclip), options), model, x_T, noise);
  };
  const auto ddim = walk({.sampler = "ddim", .steps = 10, .own = {{"eta", "1"}}});
  EXPECT_TRUE(close(ddim, walk({.sampler = "unclip", .steps = 10}), /*rtol=*/1e-3));
}

TEST(Ddim, WithoutEtaDrawsNoNoise) {
  NoiseSource noise({1}), untouched({1});
  const auto x_T = at::ones({1, 6});
  const auto model = [](const at::Tensor& x_t, const At&) { return x_t; };
  denoise(*make_scheduler(config(kUnclip), {.sampler = "ddim", .steps = 4}), model, x_T, noise);
  EXPECT_TRUE(close(noise.draw({4}), untouched.draw({4}), /*rtol=*/0));
}

TEST(Ddim, ClipsThePredictedSampleOnlyWhereAsked) {
  const auto x_0 = at::full({1, 2}, 3.0F);
  NoiseSource noise({1});
  const auto end = [&](const std::string& text, std::optional<bool> clip) {
    const auto ddim = make_scheduler(config(text), {.sampler = "ddim", .steps = 1, .clip = clip});
    return ddim->step(x_0, 0, x_0, noise);
  };
  EXPECT_TRUE(close(end(kUnclip, {}), x_0, /*rtol=*/1e-6));
  EXPECT_TRUE(close(end(kUnclip, true), at::ones({1, 2}), /*rtol=*/1e-6));
  EXPECT_TRUE(close(end(R"({"prediction_type": "sample"})", {}), at::ones({1, 2}), 1e-6));
  EXPECT_TRUE(close(end(R"({"prediction_type": "sample"})", false), x_0, /*rtol=*/1e-6));
}

// A step keeps how far an element is from its mean, in standard deviations; at a thousand steps the
// error of a step's length is small.
TEST(Ddim, InAGaussianWorldKeepsTheDistanceFromTheMean) {
  const auto mean = at::tensor({-0.4F, 0.0F, 0.7F}), deviation = at::tensor({0.3F, 1.0F, 0.6F});
  const auto x_0 = at::tensor({-0.1F, 0.5F, 0.9F, -0.6F, -1.5F, 0.2F}).reshape({2, 3});
  NoiseSource noise({1, 2});
  for (const auto* text :
       {kUnclip, R"({"_class_name": "DDIMScheduler", "timestep_spacing": "linspace",
                     "clip_sample": false, "prediction_type": "v_prediction"})"}) {
    const GaussianWorld world(config(text), mean, deviation);
    const auto ddim = make_scheduler(config(text), {.sampler = "ddim", .steps = 1000});
    const auto found = denoise(*ddim, world.model(), world.noise_of(x_0), noise);
    EXPECT_TRUE(close(found, x_0, /*rtol=*/0, /*atol=*/5e-3)) << text;
  }
}

}  // namespace
}  // namespace unclip
