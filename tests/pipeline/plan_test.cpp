#include "pipeline/plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "families/registry.h"

namespace unclip {
namespace {

/// Karlo's defaults, without a folder.
ModelDefaults karlo() { return {.stages = families().front()->layout.stages}; }

TEST(Plan, HasTheModelsDefaultsForWhatIsLeftOpen) {
  const auto plan = make_plan({}, karlo());
  ASSERT_EQ(plan.stages.size(), 3U);
  for (const auto& stage : plan.stages) {
    EXPECT_EQ(stage.walk.sampler, "");
    EXPECT_EQ(stage.walk.steps, stage.spec.steps);
    EXPECT_EQ(stage.guidance.scale, stage.spec.guidance);
  }
}

TEST(Plan, PrefersAStagesOwnOptionsToThoseOfAll) {
  const GenerateOptions options{
      .steps = 6, .guidance = 2, .stages = {{"prior", {.steps = 3, .guidance = {.scale = 5}}}}};
  const auto plan = make_plan(options, karlo());
  EXPECT_EQ(plan.stage("prior").walk.steps, 3);
  EXPECT_EQ(plan.stage("prior").guidance.scale, 5);
  EXPECT_EQ(plan.stage("decoder").walk.steps, 6);
  EXPECT_EQ(plan.stage("decoder").guidance.scale, 2);
  EXPECT_EQ(plan.stage("super-res").guidance.scale, 1) << "it is not guided";
}

TEST(Plan, TakesAsManyStepsAsTheSamplerLists) {
  const GenerateOptions options{
      .stages = {{"decoder", {.walk = parse_walk("ddim:timesteps=900/500")}}}};
  EXPECT_EQ(make_plan(options, karlo()).stage("decoder").walk.steps, 2);
}

TEST(Plan, HasNoOtherStagesThanTheModels) {
  const auto plan = make_plan({.stages = {{"dream", {.steps = 2}}}}, karlo());
  EXPECT_EQ(plan.find("dream"), nullptr);
  EXPECT_THROW(static_cast<void>(plan.stage("dream")), c10::Error);
}

TEST(Preset, AsksForFewerEvaluationsTheFasterItIs) {
  const auto evaluations = [](const std::string& name) {
    int64_t sum = 0;
    for (const auto& stage : make_plan({.preset = name}, karlo()).stages) sum += stage.walk.steps;
    return sum;
  };
  EXPECT_LT(evaluations("fast"), evaluations("balanced"));
  // A third of the published 25 + 25 + 7.
  EXPECT_LE(3 * evaluations("balanced"), evaluations("exact"));
}

TEST(Preset, LeavesWhatIsGiven) {
  const auto plan =
      make_plan({.preset = "fast",
                 .stages = {{"prior", {.steps = 9}},
                            {"decoder", {.walk = parse_walk("heun:sigma_max=80")}},
                            {"super-res", {.walk = parse_walk("ddim:timesteps=900/500")}}}},
                karlo());
  EXPECT_EQ(plan.stage("decoder").walk.sampler, "heun");
  EXPECT_EQ(plan.stage("decoder").walk.steps, 4);
  EXPECT_EQ(plan.stage("prior").walk.sampler, "ddim");
  EXPECT_EQ(plan.stage("prior").walk.steps, 9);
  EXPECT_EQ(plan.stage("super-res").walk.steps, 2);
  EXPECT_EQ(plan.stage("super-res").walk.timesteps.size(), 2U);
}

TEST(Preset, NamesTheNearest) {
  try {
    make_plan({.preset = "fats"}, karlo());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "there is no preset 'fats'; did you mean fast? There are fast, balanced, exact");
  }
}

}  // namespace
}  // namespace unclip
