#include <gtest/gtest.h>

#include <algorithm>

#include "base/config.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

Config registry_config(const std::string& text) {
  return Config::parse(text, "scheduler_config.json");
}

std::string registry_error(const Config& registry_config, const WalkOptions& walk) {
  try {
    make_scheduler(registry_config, walk);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Registry, TakesTheSamplerOfTheConfigWhereNoneIsNamed) {
  const auto of = [](const std::string& text) {
    return make_scheduler(registry_config(text), 25)->timesteps();
  };
  EXPECT_EQ(of("{}").front(), 999);
  EXPECT_EQ(of(R"({"_class_name": "UnCLIPScheduler"})").front(), 999);
  EXPECT_EQ(of(R"({"_class_name": "DDIMScheduler"})").front(), 960);
  EXPECT_EQ(of(R"({"_class_name": "DDIMInverseScheduler"})").back(), 960);
}

TEST(Registry, NamesTheSamplersThatWalkToASample) {
  const auto names = scheduler_names();
  for (const auto* name : {"unclip", "ddpm", "ddim", "euler", "euler_ancestral", "heun", "lms",
                           "pndm", "dpmpp_1s", "dpmpp_2s", "dpmpp_2m", "dpmpp_2m_sde",
                           "dpmpp_3m_sde", "unipc", "deis", "sa_solver", "lcm"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "ddim_inverse"), 0);
}

/// Each timestep once.
std::vector<double> distinct(std::vector<double> timesteps) {
  timesteps.erase(std::unique(timesteps.begin(), timesteps.end()), timesteps.end());
  return timesteps;
}

TEST(Registry, WalksTheTimestepsOfTheModelWhateverTheSampler) {
  for (const auto* text : {"{}", R"({"_class_name": "DDIMScheduler", "steps_offset": 1})"}) {
    const auto own = make_scheduler(registry_config(text), 7)->timesteps();
    for (const auto& name : scheduler_names()) {
      const auto scheduler = make_scheduler(registry_config(text), {.sampler = name, .steps = 7});
      EXPECT_EQ(distinct(scheduler->timesteps()), own) << name;
    }
  }
}

TEST(Registry, NamesTheKeyThatWasMeant) {
  auto walk = parse_walk("dpmpp_2m:spaceing=karras");
  EXPECT_EQ(registry_error(registry_config("{}"), walk),
            "sampler 'dpmpp_2m' has no key 'spaceing'; did you mean spacing? Its own keys: order, "
            "solver, lower_order_final, euler_at_final; keys of every sampler: spacing, timesteps, "
            "sigmas, sigma_max, schedule, clip, threshold");
}

TEST(Registry, TellsWhatItCannotMake) {
  const std::string common = "spacing, timesteps, sigmas, sigma_max, schedule, clip, threshold";
  EXPECT_TRUE(registry_error(registry_config(R"({"_class_name": "Unheard"})"), {})
                  .starts_with("scheduler_config.json: '_class_name': expected one of "
                               "\"UnCLIPScheduler\", \"DDPMScheduler\", "));
  EXPECT_TRUE(registry_error(registry_config("{}"), {.sampler = "unheard"})
                  .starts_with("there is no sampler 'unheard'; there are unclip, ddpm, "));
  EXPECT_EQ(
      registry_error(registry_config("{}"), {.sampler = "euler", .own = {{"eta", "0.5"}}}),
      "sampler 'euler' has no key 'eta'; its own keys: none; keys of every sampler: " + common);
  EXPECT_EQ(registry_error(registry_config("{}"), {.own = {{"eta", "0.5"}}}),
            "sampler 'unclip' has no key 'eta'; its own keys: variance; keys of every sampler: " +
                common);
  EXPECT_EQ(registry_error(registry_config("{}"), {.sampler = "ddim", .own = {{"eta", "1.5"}}}),
            "sampler 'ddim': eta: expected a number from 0 to 1, got '1.5'");
  EXPECT_EQ(registry_error(registry_config("{}"), {.sampler = "ddim", .own = {{"eta", "x"}}}),
            "sampler 'ddim': eta: expected a number from 0 to 1, got 'x'");
  EXPECT_EQ(registry_error(registry_config("{}"),
                           {.sampler = "ddim_inverse", .own = {{"iterations", "0"}}}),
            "sampler 'ddim_inverse': iterations: expected an integer from 1 to 100, got '0'");
  EXPECT_EQ(registry_error(registry_config("{}"), {.sampler = "unipc", .own = {{"solver", "bh3"}}}),
            "sampler 'unipc': solver: expected bh2 or bh1, got 'bh3'");
  EXPECT_EQ(registry_error(registry_config(R"({"_class_name": "SASolverScheduler",
                                "algorithm_type": "noise_prediction"})"),
                           {}),
            "scheduler_config.json: 'algorithm_type': expected \"data_prediction\", got "
            "\"noise_prediction\"; nothing else is implemented");
}

TEST(Registry, TellsTheOptionsOfASampler) {
  const auto known = sampler_options("unipc");
  ASSERT_EQ(known.size(), 3u);
  EXPECT_EQ(known[0].name, "solver");
  EXPECT_EQ(known[0].fallback, "bh2");
  EXPECT_EQ(known[1].expected, "an integer from 1 to 3");
}

}  // namespace
}  // namespace unclip
