// Defects of other implementations, each of which a test here would notice.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/config.h"
#include "base/error.h"
#include "nn/noise_source.h"
#include "scheduler/guidance.h"
#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

Config defect_config(const std::string& text) {
  return Config::parse(text, "scheduler_config.json");
}

// t / T in integers is 0 for every t but the last: 999 betas are 0.
TEST(KnownDefects, TheCosineSchedulesIntegerDivision) {
  const auto schedule = make_noise_schedule("cosine");
  EXPECT_EQ(std::count(schedule.beta.begin(), schedule.beta.end(), 0.0F), 0);
  EXPECT_NEAR(schedule.alpha_bar[499], std::pow(std::cos((0.5 + 0.008) / 1.008 * M_PI / 2), 2),
              1e-3);
}

// The distance of timesteps divides by n - 1.
TEST(KnownDefects, TheUnclipSchedulersOneStep) {
  const auto scheduler = make_scheduler(defect_config("{}"), 1);
  EXPECT_EQ(scheduler->timesteps(), std::vector<double>{999});
  NoiseSource noise({1});
  const auto eps = at::full({1, 3, 2, 2}, 0.25F);
  const auto x = scheduler->step(eps, 0, at::zeros({1, 3, 2, 2}), noise);
  EXPECT_TRUE(x.isfinite().all().item<bool>());
}

// Rounding halves upwards visits other timesteps than the reference, whose rounding is to even.
TEST(KnownDefects, TheRoundingOfTimestepsToEven) {
  // 999 j / 2 for j = 2, 1, 0: 499.5 is nearer to the even 500; 999 / 6 * 3 is 499.5, too.
  EXPECT_EQ(walk_timesteps(TimestepSpacing::kLinspace, 1000, 3),
            (std::vector<int64_t>{999, 500, 0}));
  // 1000 / 16 = 62.5 and its odd multiples: 62.5 -> 62, 187.5 -> 188, ...
  const auto trailing = walk_timesteps(TimestepSpacing::kTrailing, 1000, 16);
  EXPECT_EQ(trailing[15], 61);
  EXPECT_EQ(trailing[13], 187);
}

// The unconditional row's variance, or a mixture of both, in place of the conditional one's.
TEST(KnownDefects, LearnedVarianceUnderGuidance) {
  const auto predictions = at::cat({at::full({1, 6, 2, 2}, -1.0F), at::full({1, 6, 2, 2}, 1.0F)});
  const GuidedModel model{.both = [&](const at::Tensor&, const At&) { return predictions; },
                          .conditional = {}};
  const auto x =
      guided(model, {.scale = 8})(at::zeros({1, 3, 2, 2}), At{.level = {.timestep = 500}});
  ASSERT_EQ(x.size(1), 6);
  EXPECT_TRUE(close(x.narrow(1, 3, 3), at::ones({1, 3, 2, 2}), /*rtol=*/0));
  EXPECT_TRUE(close(x.narrow(1, 0, 3), at::full({1, 3, 2, 2}, 15.0F), /*rtol=*/1e-6));
}

// A walk that ends above the schedule's least noise, or repeats its last level.
TEST(KnownDefects, TheFinalSigmaOfKarrasSpacings) {
  const auto schedule =
      make_noise_schedule("scaled_linear", {.beta_start = 0.00085, .beta_end = 0.012});
  for (const int64_t n : {2, 10, 50}) {
    const auto levels = walk_levels(schedule, n, {.spacing = TimestepSpacing::kKarras});
    EXPECT_NEAR(levels.back().ratio(), schedule.ratio(0), 1e-6 * schedule.ratio(0));
    EXPECT_NEAR(levels.front().ratio(), schedule.ratio(999), 1e-6 * schedule.ratio(999));
    for (size_t i = 1; i < levels.size(); ++i) {
      EXPECT_LT(levels[i].ratio(), levels[i - 1].ratio());
    }
  }
}

// As many steps as timesteps, or nearly: rounding must not visit one twice.
TEST(KnownDefects, RepeatedTimestepsForManySteps) {
  for (const auto spacing :
       {TimestepSpacing::kLinspace, TimestepSpacing::kLeading, TimestepSpacing::kTrailing}) {
    for (const int64_t n : {999, 1000, 667, 501}) {
      const auto timesteps = walk_timesteps(spacing, 1000, n);
      const std::set<int64_t> distinct(timesteps.begin(), timesteps.end());
      EXPECT_EQ(static_cast<int64_t>(distinct.size()), n);
    }
  }
}

// Third order that falls back to second, for want of half of a term (lab/convergence_test.cpp
// measures it): a parabola's integral must be exact.
TEST(KnownDefects, TheThirdOrderOfMultistepSolvers) {
  const auto walked = [](int64_t steps) {
    auto walk = parse_walk("dpmpp_2m:order=3,spacing=logsnr");
    walk.steps = steps;
    const auto scheduler = make_scheduler(
        defect_config(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
                   "clip_sample": false, "set_alpha_to_one": false})"),
        walk);
    // x_0 as a parabola in lambda.
    const Denoiser model = [&](const at::Tensor& x_t, const At& at) {
      const double t = at.level.timestep;
      const auto schedule = make_noise_schedule("linear");
      const double lambda = NoiseLevel{.alpha_bar = schedule.alpha_bar_at(t)}.lambda();
      return at::full_like(x_t, 0.02 * lambda * lambda);
    };
    NoiseSource noise({1});
    return denoise(*scheduler, model, at::zeros({1, 1}, at::kDouble), noise).item<double>();
  };
  // But for its first two steps, which know too little, the walk is exact at any length.
  EXPECT_NEAR(walked(40), walked(640), 1e-4);
}

}  // namespace
}  // namespace unclip
