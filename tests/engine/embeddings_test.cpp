#include "engine/engine.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/preprocess.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/karlo_options.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::close;
using testing::error_of;
using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

const GenerateOptions kWalk{
    .count = 2, .seed = 40, .batch_size = 2, .stages = testing::karlo_steps(3, 2, 2)};
const std::vector<std::string> kPrompts = {"a fox", "snow"};

struct TinyEmbedding : TemporaryFolder {
  TinyEmbedding() { const TinyModel write(Golden("pipeline_plain"), path()); }
  Engine load(const Needs& needs) const { return Engine::load(path(), needs); }
};

// Bit for bit: the same numbers go through the same batches.
TEST(EngineEmbeddings, PaintsWithBothHalvesWhatTheWholePaints) {
  const TinyEmbedding tiny;
  const auto whole = Engine::load(tiny.path()).generate(kPrompts, kWalk);
  const auto embeddings = tiny.load({.text = true, .prior = true}).prior(kPrompts, kWalk);
  const auto through_a_file = parse_embeddings(embedding_bytes(embeddings), "x");
  const auto halves = tiny.load({.text = true, .decoder = true}).decode(through_a_file, kWalk);
  ASSERT_EQ(halves.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(at::equal(halves[i].image_embedding, whole[i].image_embedding)) << i;
    EXPECT_TRUE(at::equal(halves[i].image, whole[i].image)) << i;
    EXPECT_EQ(halves[i].prompt, whole[i].prompt);
    EXPECT_EQ(halves[i].seed, whole[i].seed);
  }
}

TEST(EngineEmbeddings, KnowsWhereItsRowsComeFrom) {
  const TinyEmbedding tiny;
  const auto rows = tiny.load({.text = true, .prior = true}).prior(kPrompts, kWalk);
  // The prior's x_T, and one draw for each of its steps but the last.
  EXPECT_EQ(rows.origins[3], (Origin{.prompt = "snow", .seed = 43, .draws = 3}));
  EXPECT_EQ(rows.model_hash.size(), 64U);
}

TEST(EngineEmbeddings, DecodesWithoutAPromptAsWithTheEmptyOne) {
  const TinyEmbedding tiny;
  auto model = tiny.load({.text = true, .decoder = true});
  Embeddings row{.image_embedding = at::randn({1, model.width()}), .origins = {{.seed = 5}}};
  const auto without = model.decode(row, kWalk);
  row.origins[0].prompt = "";
  EXPECT_TRUE(at::equal(model.decode(row, kWalk)[0].image, without[0].image));
  row.origins[0].prompt = "a fox";
  EXPECT_FALSE(close(model.decode(row, kWalk)[0].image, without[0].image, /*rtol=*/1e-3));
  row.origins[0] = {.seed = 5, .draws = 1};
  EXPECT_FALSE(close(model.decode(row, kWalk)[0].image, without[0].image, /*rtol=*/1e-3));
}

TEST(EngineEmbeddings, DecodesARowAloneAsAmongOthers) {
  const TinyEmbedding tiny;
  const auto rows = tiny.load({.text = true, .prior = true}).prior(kPrompts, kWalk);
  auto model = tiny.load({.text = true, .decoder = true});
  const auto together = model.decode(rows, kWalk);
  const auto alone = model.decode(rows.select({3}), kWalk);
  // What is promised of a batch: the order of sums, which the walk's first steps enlarge; a step of
  // a picture's 255, and half of one for what is near to two.
  EXPECT_TRUE(close(alone[0].image, together[3].image, /*rtol=*/0, /*atol=*/1.5 / 255));
}

TEST(EngineEmbeddings, EncodesATextAsThePriorIsTold) {
  const TinyEmbedding tiny;
  const auto rows = tiny.load({.text = true, .prior = true}).prior(kPrompts, kWalk);
  const auto texts = tiny.load({.text = true}).encode_texts(kPrompts);
  EXPECT_TRUE(close(texts[1], rows.text_embedding[3], /*rtol=*/1e-5));
}

TEST(EngineEmbeddings, NeedsOnlyThePartsOfItsTask) {
  const TinyEmbedding tiny;
  std::filesystem::remove_all(tiny / "prior");
  EXPECT_EQ(error_of([&] { tiny.load({.text = true, .decoder = true}); }), "");
  EXPECT_NE(error_of([&] { tiny.load({.text = true, .prior = true}); }).find("prior"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { tiny.load({.image_encoder = true}); }), "");
  std::filesystem::remove_all(tiny / "image_encoder");
  EXPECT_NE(error_of([&] { tiny.load({.image_encoder = true}); }).find("image_encoder"),
            std::string::npos);
}

TEST(EngineEmbeddings, EncodesPicturesOfAnySize) {
  const TinyEmbedding tiny;
  auto model = tiny.load({.image_encoder = true});
  const auto wide = at::randint(0, 256, {3, 40, 90}, at::kByte);
  const auto tall = at::randint(0, 256, {3, 70, 31}, at::kByte);
  const auto both = model.encode_images({wide, tall});
  EXPECT_EQ(both.sizes(), at::IntArrayRef({2, model.width()}));
  EXPECT_TRUE(close(model.encode_images({tall})[0], both[1], /*rtol=*/1e-4));
  EXPECT_FALSE(close(both[0], both[1], /*rtol=*/1e-2));
}

/// A picture of soft stripes, as no noise has them.
at::Tensor stripes() {
  const auto wave = at::arange(48).mul(0.3).sin().add(1).mul(120).to(at::kByte);
  return wave.expand({3, 40, 48}).contiguous();
}

Embeddings row_of(Engine& model, const std::vector<at::Tensor>& pictures) {
  return {.image_embedding = model.encode_images(pictures),
          .origins = std::vector<Origin>(pictures.size(), Origin{.prompt = "a fox", .seed = 5})};
}

TEST(Invert, TellsHowNearTheWalkFromItsNoiseComes) {
  const TinyEmbedding tiny;
  auto model = tiny.load({.text = true, .decoder = true, .image_encoder = true});
  const std::vector<at::Tensor> pictures = {stripes(), stripes().transpose(1, 2).contiguous()};
  auto rows = row_of(model, pictures);
  rows.start = model.invert(rows, pictures, {.steps = 20, .batch_size = 2});
  const auto side = model.noise_sizes()[1];
  EXPECT_EQ(rows.start.x_T.sizes(), at::IntArrayRef({2, 3, side, side}));
  const auto psnr = model.reconstruction_psnr(rows, pictures);

  const auto read = parse_embeddings(embedding_bytes(rows), "x");
  EXPECT_TRUE(at::equal(read.start.x_T, rows.start.x_T));
  auto walk = kWalk;
  walk.stages["decoder"].walk = read.start.walk;
  walk.stages["decoder"].guidance.scale = 1;
  const auto painted = model.decode(read.select({1}), walk)[0];
  const auto small = preprocess(pictures[1], {.shortest_edge = side,
                                              .crop_height = side,
                                              .crop_width = side,
                                              .image_mean = {0.5, 0.5, 0.5},
                                              .image_std = {0.5, 0.5, 0.5}});
  const auto error = (painted.image_small - small).div(2).square().mean().item<double>();
  EXPECT_NEAR(-10 * std::log10(error), psnr[1], 0.1);
}

TEST(Invert, AsksTheDecoderAsOftenAsItIsTold) {
  const TinyEmbedding tiny;
  auto model = tiny.load({.text = true, .decoder = true, .image_encoder = true});
  const auto rows = row_of(model, {stripes()});
  int64_t asked = 0;
  const auto count = [&](const Progress& progress) {
    asked += progress.stage == "inversion";
    return true;
  };
  const auto once = model.invert(rows, {stripes()}, {.steps = 3, .on_progress = count});
  EXPECT_EQ(asked, 3);
  const auto twice =
      model.invert(rows, {stripes()}, {.steps = 3, .iterations = 2, .on_progress = count});
  EXPECT_EQ(asked, 3 + 6);
  EXPECT_FALSE(at::equal(once.x_T, twice.x_T));
}

TEST(NearestToText, KeepsTheNearestOfEachPrompt) {
  const auto text = at::tensor({1.F, 0.F}).expand({4, 2}).contiguous();
  const auto image = at::tensor({0.F, 1.F, 2.F, 1.F, 9.F, 9.F, 1.F, 0.F}).view({4, 2});
  const Embeddings rows{.image_embedding = image,
                        .text_embedding = text,
                        .origins = {{.seed = 0}, {.seed = 1}, {.seed = 2}, {.seed = 3}}};
  const auto kept = nearest_to_text(rows, /*count=*/2, /*keep=*/1);
  ASSERT_EQ(kept.rows(), 2);
  EXPECT_EQ(kept.origins[0].seed, 1U);
  EXPECT_EQ(kept.origins[1].seed, 3U);  // by angle, not by length
  EXPECT_EQ(nearest_to_text(rows, 4, 2).origins[0].seed, 3U);
}

}  // namespace
}  // namespace unclip
