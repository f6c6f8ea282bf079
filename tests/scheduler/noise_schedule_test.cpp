#include "scheduler/noise_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

TEST(CosineSchedule, IsDiffusersBitForBit) {
  const Golden golden("scheduler_schedule");
  const auto schedule = cosine_schedule(1000);
  EXPECT_TRUE(close(at::tensor(schedule.beta), golden["betas"], /*rtol=*/0));
  EXPECT_TRUE(close(at::tensor(schedule.alpha_bar), golden["alphas_cumprod"], /*rtol=*/0));
}

TEST(CosineSchedule, FollowsItsFormula) {
  const auto schedule = cosine_schedule(400);
  const auto squared_cosine = [](double u) {
    return std::pow(std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2), 2);
  };
  // alpha_bar(t) is the product of all steps up to t: the formula at t + 1, over its value at 0.
  for (const size_t t : {0, 1, 57, 200, 390}) {
    const double expected = squared_cosine((static_cast<double>(t) + 1) / 400) / squared_cosine(0);
    EXPECT_NEAR(schedule.alpha_bar[t] / expected, 1, 1e-5) << "at t = " << t;
  }
  EXPECT_FLOAT_EQ(schedule.beta.back(), 0.999F);
}

TEST(UnclipTimesteps, AreDiffusersForEveryNumberOfSteps) {
  const Golden golden("scheduler_schedule");
  for (int64_t n = 2; n <= 1000; ++n) {
    const auto timesteps = unclip_timesteps(1000, n);
    ASSERT_EQ(timesteps.size(), static_cast<size_t>(n));
    int64_t weighted_sum = 0;
    for (int64_t i = 0; i < n; ++i) weighted_sum += (i + 1) * timesteps[static_cast<size_t>(i)];
    ASSERT_EQ(weighted_sum, golden["weighted_sums"][n - 2].item<int64_t>()) << "of " << n;
  }
  EXPECT_TRUE(close(at::tensor(unclip_timesteps(1000, 25)), golden["timesteps.25"], /*rtol=*/0));
}

TEST(UnclipTimesteps, FallFromTheLastToTheFirst) {
  for (const int64_t T : {1, 2, 7, 50, 1000}) {
    for (int64_t n = 2; n <= T; ++n) {
      const auto timesteps = unclip_timesteps(T, n);
      ASSERT_EQ(timesteps.front(), T - 1);
      ASSERT_EQ(timesteps.back(), 0);
      for (size_t i = 1; i < timesteps.size(); ++i) ASSERT_LT(timesteps[i], timesteps[i - 1]);
    }
  }
}

TEST(UnclipTimesteps, OfOneStepIsTheNoisiest) {
  EXPECT_EQ(unclip_timesteps(1000, 1), std::vector<int64_t>{999});
  EXPECT_EQ(unclip_timesteps(1, 1), std::vector<int64_t>{0});
}

TEST(UnclipTimesteps, RefuseNoStepsAndMoreThanThereAre) {
  EXPECT_THROW(unclip_timesteps(1000, 0), Error);
  EXPECT_THROW(unclip_timesteps(1000, -3), Error);
  EXPECT_THROW(unclip_timesteps(1000, 1001), Error);
}

}  // namespace
}  // namespace unclip
