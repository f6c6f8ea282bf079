#include "engine/engine.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/karlo_options.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

struct Reused : ::testing::Test {
  Engine load() const {
    const TinyModel write(Golden("pipeline_plain"), folder.path());
    return Engine::load(folder.path());
  }

  GenerateOptions options() const {
    GenerateOptions options{.batch_size = 2, .stages = testing::karlo_steps(3, 2, 2)};
    options.stages["prior"].guidance.scale = 2;
    options.stages["decoder"].guidance.scale = 3;
    return options;
  }
  /// Images of the rows, with what `reuse` has.
  std::vector<GeneratedImage> make(const std::vector<Row>& all, GenerateOptions options) {
    options.reuse = &reuse;
    return engine.make_images(all, options, {.first = 0, .total = 2});
  }
  TemporaryFolder folder;
  Engine engine = load();
  StageReuse reuse;
  const std::vector<Row> rows = {{.prompt = "a fox", .seed = 5}, {.prompt = "snow", .seed = 6}};
};

// Samplers that draw noise: a stage that is not walked must leave the next one its own noise.
TEST_F(Reused, EqualsTheWholeWalkWhateverIsLeftOut) {
  auto plain = Engine::load(folder.path());
  auto one = options(), guided = options(), sharper = options();
  guided.stages["decoder"].guidance.scale = 5;
  sharper.stages["super-res"].walk = parse_walk("ddim:eta=1");
  auto negative = options();
  negative.negative_prompt = "red";
  for (const auto* o : {&one, &guided, &sharper, &one, &negative, &sharper}) {
    const auto images = make(rows, *o);
    auto together = *o;
    together.seed = 5;
    together.batch_size = 2;
    const auto expected = plain.generate({"a fox", "snow"}, together);
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_TRUE(at::equal(images[i].image, expected[i].image)) << i;
    }
  }
}

TEST_F(Reused, WalksAStageAgainOnlyWhereItIsAskedForOtherwise) {
  const auto expect = [&](const char* stage, int64_t made, int64_t saved) {
    EXPECT_EQ(reuse.evaluations(stage).made, made);
    EXPECT_EQ(reuse.evaluations(stage).saved, saved);
  };
  auto o = options();
  const auto first = make(rows, o);
  expect("prior", 6, 0);
  o.stages["decoder"].guidance.scale = 5;
  make(rows, o);
  expect("prior", 6, 6);
  expect("decoder", 8, 0);
  o.stages["super-res"].steps = 3;
  make(rows, o);
  expect("decoder", 8, 4);
  expect("super-res", 4 + 4 + 6, 0);
  const auto again = make(rows, o);
  expect("super-res", 14, 6);
  auto other = rows;
  other[0].seed = 7;
  make(other, o);
  expect("prior", 12, 18);
}

TEST_F(Reused, TellsWhatAWalkAsksOfTheNetwork) {
  const GenerateOptions heun{
      .stages = {{"decoder", {.steps = 4, .walk = parse_walk("heun:sigma_max=80")}}}};
  EXPECT_EQ(engine.evaluations(engine.plan(heun).stage("decoder")), 7);
}

}  // namespace
}  // namespace unclip
