#include "scheduler/noise_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
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

TEST(OtherSchedules, AreDiffusers) {
  const Golden golden("scheduler_ddim_schedule");
  const auto linear = linear_schedule(1000, 0.0001, 0.02);
  const auto scaled = scaled_linear_schedule(1000, 0.00085, 0.012);
  EXPECT_TRUE(close(at::tensor(linear.beta), golden["linear.betas"], /*rtol=*/1e-7));
  EXPECT_TRUE(close(at::tensor(linear.alpha_bar), golden["linear.alphas_cumprod"], 1e-6));
  EXPECT_TRUE(close(at::tensor(scaled.beta), golden["scaled_linear.betas"], /*rtol=*/2e-7));
  EXPECT_TRUE(close(at::tensor(scaled.alpha_bar), golden["scaled_linear.alphas_cumprod"], 1e-6));
}

TEST(OtherSchedules, OfOneTimestepBeginWhereTheyWould) {
  EXPECT_EQ(linear_schedule(1, 0.25, 0.5).beta, std::vector<float>{0.25F});
  EXPECT_EQ(scaled_linear_schedule(1, 0.25, 0.5).alpha_bar, std::vector<float>{0.75F});
}

/// sum of (i + 1) times the walk's i-th timestep
int64_t weighted_sum(const std::vector<int64_t>& timesteps) {
  int64_t sum = 0;
  for (size_t i = 0; i < timesteps.size(); ++i) sum += static_cast<int64_t>(i + 1) * timesteps[i];
  return sum;
}

constexpr auto kAllSpacings = {TimestepSpacing::kLinspace, TimestepSpacing::kLeading,
                               TimestepSpacing::kTrailing};

TEST(WalkTimesteps, OfLinspaceAreUnclipsForEveryNumberOfSteps) {
  const Golden golden("scheduler_schedule");
  for (int64_t n = 2; n <= 1000; ++n) {
    const auto timesteps = walk_timesteps(TimestepSpacing::kLinspace, 1000, n);
    ASSERT_EQ(timesteps.size(), static_cast<size_t>(n));
    ASSERT_EQ(weighted_sum(timesteps), golden["weighted_sums"][n - 2].item<int64_t>()) << n;
  }
  EXPECT_TRUE(close(at::tensor(walk_timesteps(TimestepSpacing::kLinspace, 1000, 25)),
                    golden["timesteps.25"], /*rtol=*/0));
}

// The reference's trailing walk has a step too many for 62 numbers of steps, and for 50 more it
// rounds a half by its error; the golden tells those by -1.
TEST(WalkTimesteps, OfDdimAreDiffusersWhereTheseAreRight) {
  const Golden golden("scheduler_ddim_schedule");
  const std::map<TimestepSpacing, std::string> spacings = {
      {TimestepSpacing::kLinspace, "linspace.weighted_sums"},
      {TimestepSpacing::kLeading, "leading.weighted_sums"},
      {TimestepSpacing::kTrailing, "trailing.weighted_sums"}};
  int64_t compared = 0;
  for (int64_t n = 1; n <= 1000; ++n) {
    for (const auto& [spacing, name] : spacings) {
      const auto expected = golden[name][n - 1].item<int64_t>();
      if (expected == -1) continue;
      ++compared;
      const auto timesteps = walk_timesteps(spacing, 1000, n);
      ASSERT_EQ(timesteps.size(), static_cast<size_t>(n));
      ASSERT_EQ(weighted_sum(timesteps), expected) << name << " of " << n;
    }
  }
  EXPECT_GT(compared, 2880);
}

TEST(WalkTimesteps, FallAndStayWithinTheSchedule) {
  for (const auto spacing : kAllSpacings) {
    for (const int64_t T : {1, 2, 7, 50, 1000}) {
      for (int64_t n = 1; n <= T; ++n) {
        const auto timesteps = walk_timesteps(spacing, T, n);
        ASSERT_EQ(timesteps.size(), static_cast<size_t>(n));
        ASSERT_LT(timesteps.front(), T);
        ASSERT_GE(timesteps.back(), 0);
        for (size_t i = 1; i < timesteps.size(); ++i) ASSERT_LT(timesteps[i], timesteps[i - 1]);
        ASSERT_TRUE(spacing == TimestepSpacing::kLeading || timesteps.front() == T - 1);
        ASSERT_TRUE(spacing == TimestepSpacing::kTrailing || n == 1 || timesteps.back() == 0);
      }
    }
  }
}

TEST(WalkTimesteps, OfOneLinspaceStepIsTheNoisiest) {
  EXPECT_EQ(walk_timesteps(TimestepSpacing::kLinspace, 1000, 1), std::vector<int64_t>{999});
  EXPECT_EQ(walk_timesteps(TimestepSpacing::kLinspace, 1, 1), std::vector<int64_t>{0});
}

TEST(WalkTimesteps, OfTheLeadingSpacingEndAtTheOffset) {
  EXPECT_EQ(walk_timesteps(TimestepSpacing::kLeading, 1000, 3, 1),
            (std::vector<int64_t>{667, 334, 1}));
  EXPECT_THROW(walk_timesteps(TimestepSpacing::kLeading, 1000, 1000, 1), Error);
}

TEST(WalkTimesteps, RefuseNoStepsAndMoreThanThereAre) {
  for (const auto spacing : kAllSpacings) {
    for (const int64_t n : {-3, 0, 1001}) EXPECT_THROW(walk_timesteps(spacing, 1000, n), Error);
  }
}

}  // namespace
}  // namespace unclip
