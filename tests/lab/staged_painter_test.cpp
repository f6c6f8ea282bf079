#include "lab/staged_painter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

struct Painted : ::testing::Test {
  Painted() { const TinyModel write(Golden("pipeline_plain"), folder.path()); }

  GenerateOptions options() const {
    return {.prior_steps = 3,
            .decoder_steps = 2,
            .super_res_steps = 2,
            .prior_guidance = {.scale = 2},
            .decoder_guidance = {.scale = 3}};
  }
  TemporaryFolder folder;
  const std::vector<Row> rows = {{.prompt = "a fox", .seed = 5}, {.prompt = "snow", .seed = 6}};
};

// Samplers that draw noise: a stage that is not walked must leave the next one its own noise.
TEST_F(Painted, EqualsTheWholeWalkWhateverIsLeftOut) {
  StagedPainter painter(folder.path(), {});
  auto plain = TextToImage::load(folder.path());
  auto one = options(), guided = options(), sharper = options();
  guided.decoder_guidance.scale = 5;
  sharper.super_res_walk = parse_walk("ddim:eta=1");
  sharper.super_res_walk->steps = 0;
  auto negative = options();
  negative.negative_prompt = "red";
  for (const auto* o : {&one, &guided, &sharper, &one, &negative, &sharper}) {
    const auto images = painter.paint(rows, *o, {.first = 0, .total = 2});
    auto together = *o;
    together.seed = 5;
    together.batch_size = 2;
    const auto expected = plain.generate({"a fox", "snow"}, together);
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_TRUE(at::equal(images[i].image, expected[i].image)) << i;
    }
  }
}

TEST_F(Painted, WalksAStageAgainOnlyWhereItIsAskedForOtherwise) {
  StagedPainter painter(folder.path(), {});
  const auto expect = [&](Stage stage, int64_t made, int64_t saved) {
    EXPECT_EQ(painter.evaluations(stage).made, made);
    EXPECT_EQ(painter.evaluations(stage).saved, saved);
  };
  auto o = options();
  const auto first = painter.paint(rows, o, {.first = 0, .total = 2});
  expect(Stage::kPrior, 6, 0);
  o.decoder_guidance.scale = 5;
  painter.paint(rows, o, {.first = 0, .total = 2});
  expect(Stage::kPrior, 6, 6);
  expect(Stage::kDecoder, 8, 0);
  o.super_res_steps = 3;
  painter.paint(rows, o, {.first = 0, .total = 2});
  expect(Stage::kDecoder, 8, 4);
  expect(Stage::kSuperResolution, 4 + 4 + 6, 0);
  const auto again = painter.paint(rows, o, {.first = 0, .total = 2});
  expect(Stage::kSuperResolution, 14, 6);
  auto other = rows;
  other[0].seed = 7;
  painter.paint(other, o, {.first = 0, .total = 2});
  expect(Stage::kPrior, 12, 18);
}

TEST_F(Painted, TellsWhatAWalkAsksOfTheNetwork) {
  const StagedPainter painter(folder.path(), {});
  auto heun = parse_walk("heun:sigma_max=80");
  heun.steps = 4;
  EXPECT_EQ(painter.evaluations(Stage::kDecoder, heun), 7);
}

}  // namespace
}  // namespace unclip::lab
