#include <gtest/gtest.h>

#include "core/config.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

Config config(const std::string& text) { return Config::parse(text, "scheduler_config.json"); }

std::string error_of(const Config& config, const WalkOptions& walk) {
  try {
    make_scheduler(config, walk);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Registry, TakesTheSamplerOfTheConfigWhereNoneIsNamed) {
  const auto of = [](const std::string& text) {
    return make_scheduler(config(text), 25)->timesteps();
  };
  EXPECT_EQ(of("{}").front(), 999);
  EXPECT_EQ(of(R"({"_class_name": "UnCLIPScheduler"})").front(), 999);
  EXPECT_EQ(of(R"({"_class_name": "DDIMScheduler"})").front(), 960);
  EXPECT_EQ(of(R"({"_class_name": "DDIMInverseScheduler"})").back(), 960);
}

TEST(Registry, NamesTheSamplersThatWalkToASample) {
  EXPECT_EQ(scheduler_names(), (std::vector<std::string>{"unclip", "ddim"}));
}

TEST(Registry, WalksTheTimestepsOfTheModelWhateverTheSampler) {
  for (const auto* text : {"{}", R"({"_class_name": "DDIMScheduler", "steps_offset": 1})"}) {
    const auto own = make_scheduler(config(text), 7)->timesteps();
    for (const auto& name : scheduler_names()) {
      EXPECT_EQ(make_scheduler(config(text), {.sampler = name, .steps = 7})->timesteps(), own);
    }
  }
}

TEST(Registry, TellsWhatItCannotMake) {
  EXPECT_EQ(error_of(config(R"({"_class_name": "Unheard"})"), {}),
            "scheduler_config.json: '_class_name' is \"Unheard\"; one of \"UnCLIPScheduler\", "
            "\"DDIMScheduler\", \"DDIMInverseScheduler\" is wanted");
  EXPECT_EQ(
      error_of(config("{}"), {.sampler = "unheard"}),
      "there is no sampler 'unheard'; one of \"unclip\", \"ddim\", \"ddim_inverse\" is wanted");
  EXPECT_EQ(error_of(config("{}"), {.eta = 0.5}), "sampler 'unclip' has no eta");
  EXPECT_EQ(error_of(config("{}"), {.sampler = "ddim", .iterations = 2}),
            "sampler 'ddim' has no iterations");
  EXPECT_EQ(error_of(config("{}"), {.sampler = "ddim", .eta = 1.5}),
            "eta is 1.5; a number from 0 to 1 is wanted");
  EXPECT_EQ(error_of(config("{}"), {.sampler = "ddim_inverse", .iterations = 0}),
            "iterations is 0; a whole number from 1 on is wanted");
}

}  // namespace
}  // namespace unclip
