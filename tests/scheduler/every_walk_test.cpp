// The whole table: schedules x spacings x samplers.

#include <gtest/gtest.h>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"
#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

/// How a config of diffusers' names a schedule; "file" is a list of betas there.
std::string key_of(const std::string& schedule) {
  return schedule == "cosine" ? "squaredcos_cap_v2" : schedule;
}

Config config_of(const std::string& schedule) {
  const auto how = schedule == "file"
                       ? R"("trained_betas": [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5,
                                           0.6, 0.7, 0.8])"
                       : R"("beta_schedule": ")" + key_of(schedule) + "\"";
  return Config::parse(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
                           "clip_sample": false, )" +
                           how + "}",
                       "scheduler_config.json");
}

class EveryWalk : public ::testing::TestWithParam<std::string> {  // a sampler
 protected:
  /// Why a combination cannot be; empty: it can.
  static std::string impossible(const std::string& sampler, const Scheduler& scheduler) {
    // A consistency model's answer at t = 0 is its input.
    if (sampler == "lcm" && scheduler.timesteps().back() < 1e-6) return "lcm ends at t = 0";
    // The second look at its first step divides by the first level's alpha.
    if (sampler == "pndm" && scheduler.level(0).ratio() > 1000) return "pndm from pure noise";
    return "";
  }
};

TEST_P(EveryWalk, FindsTheSampleOfAModelThatKnowsItTheSameWayEachTime) {
  const auto x_0 = at::linspace(-1, 1, 12).to(at::kFloat).reshape({2, 3, 2});
  const auto knows = [&](const at::Tensor&, const At&) { return x_0; };
  int64_t walked = 0;
  for (const auto& schedule : noise_schedule_names()) {
    const auto config = config_of(schedule);
    for (const auto& spacing : timestep_spacing_names()) {
      for (const int64_t steps : {1, 2, 3, 10}) {
        const WalkOptions walk{.sampler = GetParam(), .steps = steps, .spacing = spacing};
        const auto scheduler = make_scheduler(config, walk);
        if (!impossible(GetParam(), *scheduler).empty()) continue;
        ++walked;
        const auto result = [&](Scheduler& s) {
          NoiseSource noise({5, 6});
          return denoise(s, knows, noise.draw_like(x_0), noise);
        };
        const auto found = result(*scheduler);
        // A consistency model's skip connection at the last timestep; pndm's division.
        const bool inexact = GetParam() == "lcm" || GetParam() == "pndm";
        ASSERT_TRUE(close(found, x_0, /*rtol=*/0, /*atol=*/inexact ? 0.05 : 1e-3))
            << schedule << ", " << spacing << ", " << steps << " steps";
        ASSERT_TRUE(at::equal(found, result(*make_scheduler(config, walk))));
        const auto& t = scheduler->timesteps();
        for (size_t i = 1; i < t.size(); ++i) ASSERT_LE(t[i], t[i - 1]);
      }
    }
  }
  EXPECT_GT(walked, 40);
}

INSTANTIATE_TEST_SUITE_P(, EveryWalk, ::testing::ValuesIn(scheduler_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace unclip
