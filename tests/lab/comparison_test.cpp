#include "lab/comparison.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/config.h"
#include "base/csv.h"
#include "families/registry.h"
#include "image/png.h"
#include "lab/comparison_report.h"
#include "tests/support/error_matcher.h"
#include "tests/support/golden.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::Golden;
using testing::read_text;
using testing::TemporaryFolder;
using testing::TinyModel;

constexpr auto kHeun = "heun:sigma_max=80";

struct ComparisonOfTiny : ::testing::Test {
  ComparisonOfTiny() { const TinyModel write(Golden("pipeline_plain"), folder / "model"); }

  ComparisonOptions options() const {
    return {.pairs = {{"ddim", 2}, {"ddim", 20}, {kHeun, 2}, {kHeun, 20}},
            .prompts = {"a fox", "snow"},
            .generate = {.count = 2,
                         .seed = 7,
                         .batch_size = 3,
                         .guidance = 1,
                         .stages = {{"prior", {.steps = 2}}, {"super-res", {.steps = 1}}}},
            .reference_steps = 40,
            .describe = [](const auto&, const auto&) { return std::vector<PngText>(); }};
  }
  RunFolder opened(const ComparisonOptions& o) const {
    return RunFolder(folder / "run", "comparison", "unclip",
                     comparison_settings(o, open_model_dir(folder / "model")), comparison_columns(),
                     comparison_growing());
  }
  std::vector<Compared> run(const ComparisonOptions& o, RunFolder* into = nullptr) const {
    auto engine = Engine::load(folder / "model");
    Scorer scorer(folder / "model", {});
    return compare(engine, scorer, o, into);
  }
  TemporaryFolder folder;
};

TEST_F(ComparisonOfTiny, MeasuresEveryPairOnTheSameNoise) {
  const auto results = run(options());
  ASSERT_EQ(results.size(), 2u * 2 * 4);
  const auto pairs = summaries(results);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].walk, "ddim");
  EXPECT_EQ(pairs[1].evaluations, 20);
  EXPECT_EQ(pairs[3].evaluations, 39);
  EXPECT_EQ(pairs[0].pictures, 4);
  EXPECT_GT(pairs[1].psnr, pairs[0].psnr + 3);  // more steps of the reference's walk are nearer
  EXPECT_EQ(pairs[0].faithful.of, 0);           // another world's model
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(results[i].seed, 7 + i);
    EXPECT_EQ(results[i].prompt, i < 2 ? "a fox" : "snow");
  }
}

TEST_F(ComparisonOfTiny, IsTheReferenceWhereItWalksLikeIt) {
  auto o = options();
  o.pairs = {{"ddim", 40}};
  for (const auto& r : run(o)) EXPECT_TRUE(std::isinf(r.psnr));
}

TEST_F(ComparisonOfTiny, GoesOnInItsFolder) {
  const auto o = options();
  auto whole_folder = opened(o);
  const auto whole = run(o, &whole_folder);
  const auto csv = read_text(folder / "run/comparison.csv");
  // As if it had been stopped within the first batch.
  const auto records = csv_records(csv);
  std::string begun;
  for (size_t i = 0; i < 5; ++i) begun += csv_record(records[i]);
  testing::write_text(folder / "run/comparison.csv", begun);
  auto rest = opened(o);
  EXPECT_EQ(rest.records().size(), 4u);
  const auto results = run(o, &rest);
  ASSERT_EQ(results.size(), whole.size());
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].picture, whole[i].picture);
    EXPECT_NEAR(results[i].psnr, whole[i].psnr, 1e-6);
    EXPECT_TRUE(std::filesystem::exists(folder / "run" / results[i].picture));
  }
  EXPECT_EQ(csv_records(read_text(folder / "run/comparison.csv")).size(), records.size());
  // Nothing is left to do, and nothing is painted again.
  auto done = opened(o);
  auto engine = Engine::load(folder / "model");
  Scorer scorer(folder / "model", {});
  StageReuse reuse;
  auto counted = o;
  counted.generate.reuse = &reuse;
  compare(engine, scorer, counted, &done);
  EXPECT_EQ(reuse.evaluations("decoder").made, 0);
  const auto sheet = comparison_sheet(results, done);
  EXPECT_EQ(sheet.dim(), 3);
}

TEST_F(ComparisonOfTiny, GrowsByNewPairs) {
  auto o = options();
  o.pairs = {{"ddim", 2}, {kHeun, 2}};
  auto first = opened(o);
  const auto before = run(o, &first);
  o.pairs = {{"ddim", 3}, {"euler", 2}};
  auto second = opened(o);
  auto engine = Engine::load(folder / "model");
  Scorer scorer(folder / "model", {});
  StageReuse reuse;
  o.generate.reuse = &reuse;
  const auto after = compare(engine, scorer, o, &second);
  // The reference in 40 steps, ddim in 3 and euler in 2, of four images.
  EXPECT_EQ(reuse.evaluations("decoder").made, 4 * (40 + 3 + 2));
  const auto pairs = summaries(after);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].walk + " " + std::to_string(pairs[0].steps), "ddim 2");
  EXPECT_EQ(pairs[1].walk + " " + std::to_string(pairs[1].steps), "ddim 3");
  EXPECT_EQ(pairs[2].walk, kHeun);
  EXPECT_EQ(pairs[3].walk, "euler");
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(after[i].picture, before[i].picture);
  // No image took another one's name.
  std::set<std::string> names;
  for (const auto& r : after) EXPECT_TRUE(names.insert(r.picture).second) << r.picture;
  EXPECT_EQ(comparison_sheet(after, second).dim(), 3);
  // What differs otherwise is named.
  o.generate.seed = 8;
  const auto refusal = testing::error_of([&] { opened(o); });
  EXPECT_NE(refusal.find("'seed' is 7 there and 8 here"), std::string::npos) << refusal;
}

TEST(StepsWithin, IsTheMostThatABudgetAllows) {
  const auto config = Config::parse("{}", "scheduler_config.json");
  const auto within = [&](int64_t budget, const char* walk) {
    return steps_within(budget, walk, "decoder", config);
  };
  EXPECT_EQ(within(8, "ddim"), 8);
  EXPECT_EQ(within(8, "heun"), 4);  // 2 n - 1
  EXPECT_EQ(within(9, "heun"), 5);
  EXPECT_EQ(within(9, "pndm"), 8);  // n + 1, from two steps on
  EXPECT_EQ(within(1, "heun"), 1);
  EXPECT_EQ(within(5000, "ddim"), 1000);
  EXPECT_THROW(within(8, "heunn"), Error);
}

TEST(ComparisonPlot, ShowsTheTablesIntervals) {
  PairSummary pair{.walk = "ddim", .steps = 5, .evaluations = 5, .pictures = 8, .psnr = 20};
  for (int i = 0; i < 8; ++i) pair.faithful.add(i < 6);
  const auto script = comparison_script({pair});
  EXPECT_NE(script.find("with yerrorlines"), std::string::npos);
  EXPECT_NE(script.find("5 75 40.9"), std::string::npos) << script;  // value, and Wilson's bounds
}

TEST(ComparisonReport, CountsAndTakesTheMiddle) {
  std::vector<Compared> results;
  for (const auto& [faithful, psnr] : {std::pair{true, 20.0}, {false, 50.0}, {true, 30.0}}) {
    results.push_back({.walk = "ddim",
                       .steps = 5,
                       .evaluations = 5,
                       .score = {.faithful = faithful, .clip = 0.5},
                       .psnr = psnr,
                       .seconds = 2});
  }
  const auto pairs = summaries(results);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].faithful.yes, 2);
  EXPECT_EQ(pairs[0].psnr, 30);
  EXPECT_EQ(pairs[0].seconds, 2);
  EXPECT_EQ(*pairs[0].clip, 0.5);
  EXPECT_EQ(csv_records(as_csv(pairs))[1],
            (std::vector<std::string>{"ddim", "5", "5", "3", "0.666667", "0.207660", "0.938508",
                                      "0.500000", "30.000000", "2.000000"}));
  EXPECT_NE(as_text(pairs).find("66.7 % (20.8 to 93.9)"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(as_json(pairs))["faithful"]["yes"], 2);
}

TEST_F(ComparisonOfTiny, WalksAnyStage) {
  auto o = options();
  o.pairs = {{"ddim", 1}, {"ddim", 2}};
  o.reference_steps = 3;
  for (const auto stage : {"prior", "super-res"}) {
    o.stage = stage;
    const auto pairs = summaries(run(o));
    EXPECT_EQ(pairs[1].evaluations, 2);
    EXPECT_TRUE(std::isfinite(pairs[0].psnr));
  }
}

TEST_F(ComparisonOfTiny, RefusesAScheduleFileThatHasChanged) {
  auto o = options();
  const auto file = (folder / "own.csv").string();
  const auto write = [&](double last) {
    std::string csv = "beta\n";
    for (int t = 0; t < 1000; ++t) csv += t + 1 < 1000 ? "0.01\n" : std::to_string(last) + "\n";
    testing::write_text(file, csv);
  };
  write(0.02);
  o.pairs = {{"ddim:schedule=" + file, 2}};
  auto first = opened(o);
  run(o, &first);
  auto again = opened(o);
  EXPECT_EQ(run(o, &again).size(), 4U);
  write(0.03);
  try {
    opened(o);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(testing::mentions(error.what(), {"run", "'schedules'", "own.csv", "expected"}));
  }
  write(0.02);  // nothing of the attempt was kept
  auto restored = opened(o);
  EXPECT_EQ(run(o, &restored).size(), 4U);
}

}  // namespace
}  // namespace unclip::lab
