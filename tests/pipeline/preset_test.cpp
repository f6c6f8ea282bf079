#include "pipeline/preset.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace unclip {
namespace {

TEST(Preset, ExactIsTheModelsOwn) {
  const auto options = with_preset({}, "exact");
  EXPECT_FALSE(options.prior_walk || options.decoder_walk || options.super_res_walk);
  EXPECT_FALSE(options.prior_steps || options.decoder_steps || options.super_res_steps);
}

TEST(Preset, AsksForFewerEvaluationsTheFasterItIs) {
  const auto evaluations = [](const std::string& name) {
    const auto s = settings_of(with_preset({}, name), {});
    return s.prior_walk.steps + s.decoder_walk.steps + s.super_res_walk.steps;
  };
  EXPECT_LT(evaluations("fast"), evaluations("balanced"));
  // A third of the published 25 + 25 + 7.
  EXPECT_LE(3 * evaluations("balanced"), evaluations("exact"));
}

TEST(Preset, LeavesWhatIsGiven) {
  GenerateOptions given;
  given.decoder_walk = parse_walk("heun:sigma_max=80");
  given.decoder_walk->steps = 0;
  given.prior_steps = 9;
  given.super_res_walk = parse_walk("ddim:timesteps=900/500");
  given.super_res_walk->steps = 0;
  const auto s = settings_of(with_preset(given, "fast"), {});
  EXPECT_EQ(s.decoder_walk.sampler, "heun");
  EXPECT_EQ(s.decoder_walk.steps, 4);
  EXPECT_EQ(s.prior_walk.sampler, "ddim");
  EXPECT_EQ(s.prior_walk.steps, 9);
  EXPECT_EQ(s.super_res_walk.steps, 2);
  EXPECT_EQ(s.super_res_walk.timesteps.size(), 2u);
}

TEST(Preset, NamesTheNearest) {
  try {
    with_preset({}, "fats");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "there is no preset 'fats'; did you mean fast? There are fast, balanced, exact");
  }
}

}  // namespace
}  // namespace unclip
