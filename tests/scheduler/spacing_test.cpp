#include "scheduler/spacing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

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

SpacingOptions named(const std::string& name) { return {.spacing = timestep_spacing_named(name)}; }

TEST(WalkLevels, OfKarrasAndExponentialAreDiffusers) {
  const Golden golden("scheduler_schedules");
  const auto schedule = make_noise_schedule("linear");
  for (const std::string name : {"karras", "exponential"}) {
    for (const int64_t n : {5, 25}) {
      std::vector<double> ratios;
      for (const auto& level : walk_levels(schedule, n, named(name)))
        ratios.push_back(level.ratio());
      EXPECT_TRUE(close(at::tensor(ratios).to(at::kFloat), golden[name + "." + std::to_string(n)],
                        /*rtol=*/1e-5));
    }
  }
}

TEST(WalkLevels, FallInEverySpacingOfEverySchedule) {
  for (const auto& schedule_name : noise_schedule_names()) {
    if (schedule_name == "file") continue;
    const auto schedule = make_noise_schedule(schedule_name);
    for (const auto& name : timestep_spacing_names()) {
      for (const int64_t n : {1, 2, 3, 25, 100, 1000}) {
        const auto levels = walk_levels(schedule, n, named(name));
        ASSERT_EQ(levels.size(), static_cast<size_t>(n));
        ASSERT_LE(levels.front().timestep, 999);
        ASSERT_GE(levels.back().timestep, 0);
        for (size_t i = 1; i < levels.size(); ++i) {
          ASSERT_LT(levels[i].timestep, levels[i - 1].timestep) << schedule_name << " " << name;
          ASSERT_GT(levels[i].alpha_bar, levels[i - 1].alpha_bar) << schedule_name << " " << name;
        }
      }
    }
  }
}

TEST(WalkLevels, OfKarrasEndWhereTheScheduleDoes) {
  const auto schedule = cosine_schedule(1000);
  for (const auto* name : {"karras", "exponential", "beta"}) {
    const auto levels = walk_levels(schedule, 10, named(name));
    EXPECT_NEAR(levels.front().timestep, 999, 1e-6) << name;
    EXPECT_NEAR(levels.back().timestep, 0, 1e-6) << name;
  }
}

TEST(WalkLevels, BeginWhereTheyAreToldTo) {
  const auto schedule = cosine_schedule(1000);
  for (const auto& name : timestep_spacing_names()) {
    auto options = named(name);
    options.sigma_max = 80;
    const auto levels = walk_levels(schedule, 10, options);
    EXPECT_LE(levels.front().ratio(), 80 * (1 + 1e-9)) << name;
    EXPECT_GT(levels.front().ratio(), name == "leading" ? 5 : 70) << name;
  }
  SpacingOptions options{.sigma_max = 1e6};  // more than there is
  EXPECT_EQ(walk_levels(schedule, 2, options).front().timestep, 999);
  options.sigma_max = 0.001;
  EXPECT_THROW(walk_levels(schedule, 2, options), Error);
}

TEST(WalkLevels, OfLogSnrAreEvenAndLeaveTheLastStepItsPart) {
  const auto schedule = make_noise_schedule("linear");
  const auto levels = walk_levels(schedule, 4, named("logsnr"));
  const double step = levels[1].lambda() - levels[0].lambda();
  EXPECT_NEAR(levels[3].lambda() - levels[2].lambda(), step, 1e-9);
  EXPECT_NEAR(levels[3].lambda() + step, -std::log(schedule.ratio(0)), 1e-9);
}

TEST(WalkLevels, OfAListAreThatListAndGoBetweenItsEnds) {
  const auto schedule = make_noise_schedule("scaled_linear");
  const SpacingOptions list{.timesteps = {999, 850, 736, 645, 545, 455, 343, 233, 124, 24}};
  const auto ten = walk_levels(schedule, 10, list);
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(ten[i].timestep, list.timesteps[i]);
    EXPECT_EQ(ten[i].alpha_bar, schedule.alpha_bar[static_cast<size_t>(list.timesteps[i])]);
  }
  const auto nineteen = walk_levels(schedule, 19, list);
  for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(nineteen[2 * i].timestep, list.timesteps[i], 1e-3);
}

TEST(WalkLevels, TellWhatIsNoList) {
  const auto schedule = cosine_schedule(1000);
  const auto error = [&](std::vector<double> timesteps, int64_t n) -> std::string {
    try {
      walk_levels(schedule, n, {.timesteps = std::move(timesteps)});
    } catch (const Error& e) {
      return e.what();
    }
    return "none";
  };
  const std::string expected = "timesteps: expected falling numbers from 999 to 0, got ";
  EXPECT_EQ(error({500, 600}, 2), expected + "600");
  EXPECT_EQ(error({1000, 600}, 2), expected + "1000");
  EXPECT_EQ(error({500, NAN}, 2), expected + "nan");
  EXPECT_EQ(error({500}, 2), "one timestep is listed: expected two or more for 2 steps");
}

TEST(BetaQuantile, IsTheArcsineDistributionsForAHalf) {
  // F(x) = 2 / pi asin sqrt x of Beta(1/2, 1/2)
  for (const double p : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    const double root = std::sin(p * std::acos(-1.0) / 2);
    EXPECT_NEAR(beta_quantile(p, 0.5, 0.5), root * root, 1e-9) << p;
  }
  // scipy.stats.beta.ppf(0.25, 0.6, 0.6)
  EXPECT_NEAR(beta_quantile(0.25, 0.6, 0.6), 0.17568037865269498, 1e-9);
}

TEST(TimestepSpacing, TellsTheNearestName) {
  try {
    timestep_spacing_named("karas");
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(
        std::string(error.what())
            .starts_with("there is no spacing 'karas'; did you mean karras? There are leading, "));
  }
}

}  // namespace
}  // namespace unclip
