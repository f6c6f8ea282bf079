#include "scheduler/noise_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "base/error.h"
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

// The published parameters, and numbers of timesteps that fill vectors and that do not.
TEST(OtherSchedules, AreDiffusersBitForBit) {
  const Golden golden("scheduler_exact_schedules");
  const auto expect_equal = [&](const NoiseSchedule& schedule, const std::string& name) {
    EXPECT_TRUE(close(at::tensor(schedule.beta), golden[name + ".betas"], /*rtol=*/0)) << name;
    EXPECT_TRUE(close(at::tensor(schedule.alpha_bar), golden[name + ".alphas_cumprod"], 0)) << name;
  };
  expect_equal(linear_schedule(1000, 0.0001, 0.02), "linear");
  expect_equal(linear_schedule(1000, 0.00085, 0.012), "linear.kandinsky");
  expect_equal(scaled_linear_schedule(1000, 0.0001, 0.02), "scaled_linear");
  expect_equal(scaled_linear_schedule(1000, 0.00085, 0.012), "scaled_linear.latent");
  expect_equal(cosine_schedule(1000), "squaredcos_cap_v2");
  for (const int64_t T : {1, 2, 9, 31, 501}) {
    const auto text = "." + std::to_string(T);
    expect_equal(linear_schedule(T, 0.0001, 0.02), "linear" + text);
    expect_equal(scaled_linear_schedule(T, 0.0001, 0.02), "scaled_linear" + text);
    expect_equal(cosine_schedule(T), "squaredcos_cap_v2" + text);
  }
  std::vector<double> betas;
  for (int i = 0; i < 300; ++i) betas.push_back(0.001 + 0.0001 * i * i / 300);
  expect_equal(schedule_of_betas(betas, "trained_betas"), "trained_betas");
}

TEST(OtherSchedules, OfOneTimestepBeginWhereTheyWould) {
  EXPECT_EQ(linear_schedule(1, 0.25, 0.5).beta, std::vector<float>{0.25F});
  EXPECT_EQ(scaled_linear_schedule(1, 0.25, 0.5).alpha_bar, std::vector<float>{0.75F});
}

TEST(NoiseSchedules, AreDiffusers) {
  const Golden golden("scheduler_schedules");
  const auto bars = [](const NoiseSchedule& s) { return at::tensor(s.alpha_bar); };
  EXPECT_TRUE(close(bars(make_noise_schedule("sigmoid")), golden["sigmoid"], /*rtol=*/1e-5));
  EXPECT_TRUE(close(bars(make_noise_schedule("exp")), golden["exp"], /*rtol=*/1e-5));
  // The reference ends at 0, and rounds its roots.
  const auto rescaled = bars(with_zero_terminal_snr(make_noise_schedule("linear")));
  EXPECT_TRUE(close(rescaled, golden["rescaled"], /*rtol=*/0, /*atol=*/1e-6));
}

// The reference takes the root of alpha_bar for alpha_bar.
TEST(NoiseSchedules, OfLaplaceIsTheSquareOfDiffusers) {
  const auto root = Golden("scheduler_schedules")["laplace.root"];
  const auto bars = at::tensor(make_noise_schedule("laplace").alpha_bar);
  EXPECT_TRUE(close(bars.narrow(0, 0, 999), root.square().narrow(0, 0, 999), /*rtol=*/1e-3));
}

TEST(NoiseSchedules, FallFromTheSampleToNoise) {
  for (const auto& name : noise_schedule_names()) {
    if (name == "file") continue;
    for (const int64_t T : {2, 50, 1000}) {
      const auto schedule = make_noise_schedule(name, {.num_train_timesteps = T});
      ASSERT_EQ(schedule.num_train_timesteps(), T);
      double before = 1;
      for (int64_t t = 0; t < T; ++t) {
        const double a_t = schedule.alpha_bar[static_cast<size_t>(t)];
        ASSERT_LT(a_t, before) << name << " at " << t;
        ASSERT_GT(a_t, 0);
        // Each beta is told as the paper has it, no beta is 0: (t + 1) / T is no whole number.
        ASSERT_GT(schedule.beta[static_cast<size_t>(t)], 0) << name << " at " << t;
        before = a_t;
      }
    }
  }
}

TEST(NoiseSchedules, BetweenTimestepsAreReadAndFoundAgain) {
  const auto schedule = cosine_schedule(1000);
  for (const double t : {0.0, 0.5, 3.25, 417.0, 998.75, 999.0}) {
    const double a_t = schedule.alpha_bar_at(t);
    EXPECT_NEAR(schedule.timestep_of(std::sqrt((1 - a_t) / a_t)), t, 1e-4);
  }
  EXPECT_EQ(schedule.alpha_bar_at(417), schedule.alpha_bar[417]);
  EXPECT_EQ(schedule.timestep_of(1e9), 999);
  EXPECT_EQ(schedule.timestep_of(0), 0);
}

TEST(NoiseSchedules, WithZeroTerminalSnrBeginAsTheyDid) {
  const auto before = make_noise_schedule("scaled_linear");
  const auto after = with_zero_terminal_snr(before);
  EXPECT_NEAR(after.alpha_bar.front(), before.alpha_bar.front(), 1e-6);
  EXPECT_LT(after.alpha_bar.back(), 1e-7);
  EXPECT_THROW(with_zero_terminal_snr(cosine_schedule(1)), Error);
}

TEST(NoiseSchedules, OfLargerPicturesAreShifted) {
  const auto before = cosine_schedule(1000);
  const auto after = with_shifted_snr(before, 64, 128);
  const auto log_snr = [](double a) { return std::log(a / (1 - a)); };
  for (const size_t t : {10, 400, 800}) {
    EXPECT_NEAR(log_snr(after.alpha_bar[t]) - log_snr(before.alpha_bar[t]), -2 * std::log(2), 1e-3);
  }
}

std::string schedule_error(const std::string& name, const ScheduleOptions& options = {}) {
  try {
    make_noise_schedule(name, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(NoiseSchedules, KeepSomeOfTheSample) {
  // What the cosine schedule ends at is less than the stretched one would leave.
  const auto cosine = make_noise_schedule("cosine");
  EXPECT_EQ(with_zero_terminal_snr(cosine).alpha_bar.back(), cosine.alpha_bar.back());
  try {
    make_noise_schedule("linear", {.beta_end = 0.9});
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("schedule linear: alpha_bar falls to 0 at "));
  }
}

TEST(NoiseSchedules, TellWhatTheyCannotMake) {
  EXPECT_EQ(schedule_error("cosin"),
            "there is no noise schedule 'cosin'; did you mean cosine? There are linear, "
            "scaled_linear, cosine, sigmoid, exp, laplace, file");
  EXPECT_EQ(schedule_error("linear", {.num_train_timesteps = 0}),
            "timesteps of a schedule: expected 1 or more, got 0");
}

}  // namespace
}  // namespace unclip
