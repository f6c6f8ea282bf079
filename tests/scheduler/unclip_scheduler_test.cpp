#include <gtest/gtest.h>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

class UnclipSchedulerGolden : public ::testing::TestWithParam<const char*> {
 protected:
  Golden golden{std::string("scheduler_") + GetParam()};

  NoiseSource noise() const { return NoiseSource({golden.seed(), golden.seed() + 1}); }
};

TEST_P(UnclipSchedulerGolden, WalksAsDiffusersDoes) {
  for (const int64_t n : {2, 5, 25}) {
    const auto suffix = "." + std::to_string(n);
    const auto scheduler = make_scheduler(golden.config(), n);
    EXPECT_TRUE(
        close(at::tensor(scheduler->timesteps()).to(at::kLong), golden["timesteps" + suffix], 0));

    // Every step starts where the reference's does, so that a difference is that step's own.
    const auto& x = golden["x" + suffix];
    auto source = noise();
    EXPECT_TRUE(close(source.draw_like(x[0]), x[0], /*rtol=*/0));
    for (int64_t i = 0; i < n; ++i) {
      const auto next =
          scheduler->step(golden["model_output" + suffix][i], static_cast<size_t>(i), x[i], source);
      EXPECT_TRUE(close(next, x[i + 1], /*rtol=*/1e-6)) << "step " << i << " of " << n;
    }
  }
}

TEST_P(UnclipSchedulerGolden, EndsAWholeWalkWhereDiffusersDoes) {
  for (const int64_t n : {2, 5, 25}) {
    const auto suffix = "." + std::to_string(n);
    const auto scheduler = make_scheduler(golden.config(), n);
    const auto& x = golden["x" + suffix];
    auto source = noise();
    int64_t calls = 0;
    const auto recorded = [&](const at::Tensor&, const At& at) {
      const double t = at.level.timestep;
      EXPECT_EQ(t, golden["timesteps" + suffix][calls].item<int64_t>());
      return golden["model_output" + suffix][calls++];
    };
    const auto x_0 = denoise(*scheduler, recorded, source.draw_like(x[0]), source);
    EXPECT_TRUE(close(x_0, x[n], /*rtol=*/1e-5)) << "of " << n << " steps";
    EXPECT_EQ(calls, n);
  }
}
INSTANTIATE_TEST_SUITE_P(, UnclipSchedulerGolden,
                         ::testing::Values("prior", "decoder", "super_res", "decoder_sample",
                                           "prior_epsilon", "prior_unclipped",
                                           "super_res_learned_range"),
                         [](const auto& info) { return info.param; });

Config unclip_config(const std::string& text) {
  return Config::parse(text, "scheduler_config.json");
}

TEST(UnclipScheduler, GoesStraightToTheSampleInOneStep) {
  const auto scheduler = make_scheduler(unclip_config(R"({"prediction_type": "sample"})"), 1);
  NoiseSource noise({1}), untouched({1});
  const auto x_0 = at::linspace(-0.9, 0.9, 6).to(at::kFloat).reshape({1, 6});
  const auto x_T = at::full({1, 6}, 3.0F);
  EXPECT_TRUE(close(scheduler->step(x_0, 0, x_T, noise), x_0, /*rtol=*/1e-6));
  EXPECT_TRUE(close(noise.draw({4}), untouched.draw({4}), /*rtol=*/0)) << "it has drawn noise";
}

TEST(UnclipScheduler, ClipsThePredictedSampleOnlyWhereAsked) {
  const auto x_0 = at::full({1, 2}, 3.0F);
  NoiseSource noise({1});
  const auto end = [&](const std::string& text) {
    return make_scheduler(unclip_config(text), 1)->step(x_0, 0, x_0, noise);
  };
  EXPECT_TRUE(close(end(R"({"prediction_type": "sample"})"), at::ones({1, 2}), 1e-6));
  EXPECT_TRUE(close(end(R"({"prediction_type": "sample", "clip_sample_range": 2.5})"),
                    at::full({1, 2}, 2.5F), 1e-6));
  EXPECT_TRUE(close(end(R"({"prediction_type": "sample", "clip_sample": false})"), x_0, 1e-6));
}

// A learned fraction of 1 asks for the larger of the two variances, of -1 for the smaller, which is
// the fixed one.
TEST(UnclipScheduler, ChoosesTheVarianceBetweenItsBounds) {
  const auto learned = make_scheduler(
      unclip_config(R"({"prediction_type": "sample", "variance_type": "learned_range"})"), 5);
  const auto fixed = make_scheduler(unclip_config(R"({"prediction_type": "sample"})"), 5);
  const auto x = at::zeros({1, 3, 1, 1});
  const auto step = [&](Scheduler& scheduler, const at::Tensor& output) {
    NoiseSource noise({9});
    return scheduler.step(output, 3, x, noise);
  };
  const auto smallest = step(*learned, at::cat({x, x - 1}, 1));
  EXPECT_TRUE(close(smallest, step(*fixed, x), /*rtol=*/1e-5));
  const auto largest = step(*learned, at::cat({x, x + 1}, 1));
  EXPECT_TRUE((largest.abs() > smallest.abs()).all().item<bool>());
}

TEST(UnclipScheduler, RefusesWhatItCannotWalk) {
  EXPECT_THROW(make_scheduler(unclip_config(R"({"num_train_timesteps": 10})"), 11), Error);
  EXPECT_THROW(make_scheduler(unclip_config(R"({"prediction_type": "v_prediction"})"), 5), Error);
  EXPECT_THROW(make_scheduler(unclip_config(R"({"beta_schedule": "linear"})"), 5), Error);
}

}  // namespace
}  // namespace unclip
