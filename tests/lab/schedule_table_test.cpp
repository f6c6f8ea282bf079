#include "lab/schedule_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace unclip::lab {
namespace {

TEST(ScheduleTable, HasTheNumbersOfASchedule) {
  const auto table = schedule_table("linear", {.steps = 3});
  EXPECT_EQ(table.timesteps, (std::vector<double>{999, 500, 0}));
  const auto schedule = make_noise_schedule("linear");
  EXPECT_EQ(table.alpha_bar[1], schedule.alpha_bar[500]);
  EXPECT_EQ(table.beta[1], schedule.beta[500]);
  const double a = schedule.alpha_bar[500];
  EXPECT_DOUBLE_EQ(table.sigma[1], std::sqrt((1 - a) / a));
  EXPECT_DOUBLE_EQ(table.snr[1], a / (1 - a));
  EXPECT_DOUBLE_EQ(table.logsnr[1], std::log(a / (1 - a)));
}

TEST(ScheduleTable, HasTheStepsOfASampler) {
  const auto table = schedule_table("heun:spacing=karras", {.steps = 4, .schedule = "linear"});
  ASSERT_EQ(table.rows(), 7u);  // evaluations
  EXPECT_NEAR(table.timesteps[0], 999, 1e-9);
  EXPECT_EQ(table.alpha_bar[1], table.alpha_bar[2]);
  EXPECT_NEAR(1 - table.beta[0], table.alpha_bar[0] / table.alpha_bar[1], 1e-12);
  const auto listed = schedule_table("ddim:timesteps=900/500/100", {.steps = 25});
  // A list of another length is gone through evenly in log snr, as generate does.
  ASSERT_EQ(listed.rows(), 25u);
  EXPECT_EQ(listed.timesteps[0], 900);
  EXPECT_EQ(schedule_table("ddim:timesteps=900/500/100", {}).timesteps,
            (std::vector<double>{900, 500, 100}));
  EXPECT_EQ(schedule_table("ddim", {.timesteps = {900, 100}}).timesteps,
            (std::vector<double>{900, 100}));
  EXPECT_EQ(schedule_table("cosine", {.schedule_options = {.num_train_timesteps = 5}}).rows(), 5u);
}

TEST(ScheduleTable, StretchesAndShifts) {
  EXPECT_LT(schedule_table("linear", {.zero_snr = true}).alpha_bar[0], 1e-7);
  const auto shifted = schedule_table("cosine", {.steps = 3, .side = 128});
  EXPECT_NEAR(shifted.logsnr[1] - schedule_table("cosine", {.steps = 3}).logsnr[1],
              -2 * std::log(2), 1e-3);
}

TEST(ScheduleTable, IsWrittenInThreeForms) {
  const std::vector<ScheduleTable> tables = {
      schedule_table("exp", {.steps = 2}),
      schedule_table("dpmpp_2m:order=3,clip=no", {.steps = 2})};
  const auto csv = as_csv(tables);
  EXPECT_TRUE(csv.starts_with("name,step,timestep,alpha_bar,beta,sigma,snr,logsnr\nexp,0,999,"));
  EXPECT_NE(csv.find("\n\"dpmpp_2m:order=3,clip=no\",1,0,"), std::string::npos);
  const auto json = nlohmann::json::parse(as_json({tables[0]}));
  for (const auto* key : {"timesteps", "alpha_bar", "beta", "sigma", "snr", "logsnr"}) {
    EXPECT_EQ(json[key].size(), 2u) << key;
  }
  EXPECT_TRUE(as_text(tables).starts_with("exp\n step   timestep "));
}

TEST(ScheduleTable, TellsTheNearestName) {
  try {
    schedule_table("dpmpp_2mm", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what())
                    .starts_with("there is no schedule or sampler 'dpmpp_2mm'; did you mean "
                                 "dpmpp_2m? There are linear, "));
  }
}

}  // namespace
}  // namespace unclip::lab
