#include "tests/families/twostage/twostage.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/abilities.h"
#include "engine/engine.h"
#include "families/registry.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"

// A second family: every verb works on it, though no source outside its folder knows it.

namespace unclip::testing::twostage {
namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

struct TwoStageModel : ::testing::Test {
  TwoStageModel() { write_model(folder / "model"); }

  Printed run(const std::string& verb, const Words& more) const {
    Words words = {verb, "-m", folder / "model", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words);
  }
  std::string name(const std::string& file) const { return (folder / file).string(); }
  std::string painted(const std::string& file, const Words& more = {}) const {
    Words words = {"a fox", "-s", "7", "-o", name(file)};
    words.insert(words.end(), more.begin(), more.end());
    run("generate", words);
    return name(file);
  }
  nlohmann::json recipe(const std::string& file) const {
    return nlohmann::json::parse(read_png_text(file).at(1).text);
  }
  TemporaryFolder folder;
};

TEST_F(TwoStageModel, IsOpenedByItsClass) {
  const auto model = open_model_dir(folder / "model");
  EXPECT_EQ(&family_of(model), &family());
  EXPECT_EQ(model.folder("prior"), folder / "model/prior/prior");
  EXPECT_EQ(model.folder("prior_scheduler"), folder / "model/prior/scheduler");
  EXPECT_EQ(model.folder("decoder_scheduler"), folder / "model/scheduler");
  EXPECT_EQ(find_abilities(model).main_obstacle, "");
}

TEST_F(TwoStageModel, PaintsTheSameInBothHalvesAndBatches) {
  auto engine = Engine::load(folder / "model");
  const GenerateOptions options{.count = 3, .seed = 4};
  const auto images = engine.generate({"a fox"}, options);
  ASSERT_EQ(images.size(), 3U);
  EXPECT_EQ(images[0].image.sizes(), (std::vector<int64_t>{3, 16, 16}));
  EXPECT_EQ(images[0].image_small.sizes(), (std::vector<int64_t>{3, 8, 8}));
  EXPECT_FALSE(at::equal(images[0].image, images[1].image));
  auto together = options;
  together.batch_size = 3;
  const auto decoded = engine.decode(engine.prior({"a fox"}, options), together);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(at::allclose(decoded[i].image, images[i].image, 0, 1e-5));
  }
  auto low = Engine::load(folder / "model", {.low_memory = true});
  EXPECT_TRUE(at::equal(low.generate({"a fox"}, options)[1].image, images[1].image));
}

TEST_F(TwoStageModel, FollowsItsOwnFlags) {
  const auto plain = painted("plain.png");
  EXPECT_EQ(recipe(plain)["latent_steps"], 4);
  EXPECT_EQ(recipe(plain)["prior_guidance"], 2);
  EXPECT_FALSE(recipe(plain).contains("decoder_steps"));
  const auto other = painted("other.png", {"--latent-steps", "2", "--latent-scheduler", "heun"});
  EXPECT_EQ(recipe(other)["latent_steps"], 2);
  EXPECT_EQ(recipe(other)["latent_scheduler"], "heun");
  EXPECT_FALSE(at::equal(read_png(plain), read_png(other)));
}

TEST_F(TwoStageModel, RefusesOptionsOfAStageThatItLacks) {
  const auto message = [&](const Words& more) {
    try {
      painted("x.png", more);
      return std::string();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  };
  EXPECT_TRUE(mentions(message({"--super-res-steps", "2"}), {"--super-res-steps", "model"}));
  EXPECT_TRUE(mentions(message({"--decoder-guidance", "2"}), {"--decoder-guidance", "model"}));
  EXPECT_FALSE(fs::exists(folder / "x.png"));
}

TEST_F(TwoStageModel, IsReplayedFromItsMetadata) {
  const auto file = painted("a.png", {"--latent-steps", "3", "--prior-steps", "2"});
  EXPECT_TRUE(nlohmann::json::parse(run("replay", {file, "--json"}).out)["same"]);
}

TEST_F(TwoStageModel, IsListedByInfoAndHelp) {
  const auto info = run("info", {}).out;
  for (const auto* part : {"TwoStageUNet", "4 latent decoder", "16x16 pixels from 8x8"}) {
    EXPECT_TRUE(contains(info, part)) << part << "\n" << info;
  }
  const auto json = nlohmann::json::parse(run("info", {"--json"}).out);
  EXPECT_TRUE(json["can_run"]);
  EXPECT_EQ(json["latent_steps"], 4);
  const auto help = run_with({"generate", "--help", "-m", folder / "model"}).out;
  EXPECT_TRUE(contains(help, "--latent-steps N")) << help;
}

TEST_F(TwoStageModel, IsWatched) {
  painted("a.png", {"--watch", name("seen"), "--watch-tensors", name("steps.safetensors")});
  EXPECT_TRUE(fs::exists(folder / "seen/0-7/latent.gif"));
  // A latent is shown as the image that it becomes.
  EXPECT_EQ(read_png(folder / "seen/0-7/latent-3-x_t.png").sizes(),
            (std::vector<int64_t>{3, 16, 16}));
  const auto steps = Checkpoint::open(folder / "steps.safetensors");
  EXPECT_EQ(steps.tensor("0-7.latent.x_t").sizes(), (std::vector<int64_t>{4, 3, 8, 8}));
}

TEST_F(TwoStageModel, IsSweptComparedAndMeasured) {
  const auto swept = nlohmann::json::parse(
      run("sweep", {"a fox", "--latent-steps", "2,3", "--json", "-o", name("sweep")}).out);
  EXPECT_EQ(swept["evaluations"]["prior"]["made"], 3);
  EXPECT_EQ(swept["evaluations"]["prior"]["saved"], 3);
  EXPECT_EQ(swept["evaluations"]["latent"]["made"], 5);

  write_text(folder / "prompts.txt", "a fox\n");
  const auto csv =
      run("schedule", {"compare", "ddim", "heun", "--stage", "latent", "--steps", "2", "--prompts",
                       name("prompts.txt"), "--reference-steps", "4", "--csv"})
          .out;
  EXPECT_TRUE(contains(csv, "heun")) << csv;
}

TEST_F(TwoStageModel, IsBenchedByStage) {
  const auto json = nlohmann::json::parse(run("bench", {"--steps", "2", "--json"}).out);
  std::vector<std::string> stages;
  for (const auto& [stage, figures] : json["stages"].items()) {
    stages.push_back(stage);
    EXPECT_EQ(figures["steps"].size(), 2U) << stage;
  }
  EXPECT_EQ(stages, (std::vector<std::string>{"latent", "prior", "text"}));
  EXPECT_EQ(json["stages"]["latent"]["evaluations"], 4);
}

TEST_F(TwoStageModel, EncodesVariesMixesAndInverts) {
  const auto a = painted("a.png"), b = painted("b.png", {"--prior-steps", "1"});
  run("encode", {a, b, "-o", name("z.safetensors")});
  EXPECT_EQ(read_embeddings(folder / "z.safetensors").rows(), 2);
  run("vary", {a, "-o", name("v.png")});
  run("mix", {a, b, "--frames", "3", "-o", name("m-{i}.png")});
  EXPECT_TRUE(fs::exists(folder / "m-2.png"));
  const auto inverted = nlohmann::json::parse(
      run("invert", {a, "--decoder-steps", "20", "--json", "-o", name("noise.safetensors")}).out);
  EXPECT_EQ(read_start_noise(folder / "noise.safetensors").x_T.sizes(),
            (std::vector<int64_t>{1, 3, 8, 8}));
  run("decode",
      {name("noise.safetensors"), "--start", name("noise.safetensors"), "-o", name("back.png")});
  EXPECT_EQ(read_png(folder / "back.png").sizes(), (std::vector<int64_t>{3, 16, 16}));
}

}  // namespace
}  // namespace unclip::testing::twostage
