#include <gtest/gtest.h>

#include "engine/abilities.h"
#include "engine/engine.h"
#include "families/registry.h"
#include "tests/cli/run.h"
#include "tests/families/kandinsky22/tiny.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"

namespace unclip {
namespace {

using testing::close;
using testing::error_of;
using testing::Golden;
using testing::mentions;
using testing::Printed;
using testing::run_with;
using testing::Words;
namespace fs = std::filesystem;

at::Tensor stack_of(const std::vector<GeneratedImage>& images, at::Tensor GeneratedImage::*field) {
  std::vector<at::Tensor> rows;
  for (const auto& image : images) rows.push_back(image.*field);
  return at::stack(rows);
}

struct Kandinsky22Model : ::testing::Test {
  explicit Kandinsky22Model(const std::string& name = "plain")
      : golden("kandinsky22_" + name), tiny(golden) {}

  template <class T>
  T metadata(const std::string& key) const {
    return nlohmann::json::parse(golden.metadata(key)).get<T>();
  }
  std::vector<std::string> prompts() const { return metadata<std::vector<std::string>>("prompts"); }
  GenerateOptions sampling() const {
    const auto steps = metadata<std::vector<int64_t>>("steps");
    const auto guidance = metadata<std::vector<double>>("guidance");
    GenerateOptions options{.seed = golden.seed()};
    options.stages["prior"].steps = steps[0];
    options.stages["decoder"].steps = steps[1];
    options.stages["prior"].guidance.scale = guidance[0];
    options.stages["decoder"].guidance.scale = guidance[1];
    return options;
  }
  void expect_golden(const std::vector<GeneratedImage>& images) const {
    EXPECT_TRUE(close(stack_of(images, &GeneratedImage::image_embedding), golden["image_embedding"],
                      /*rtol=*/1e-4));
    EXPECT_TRUE(close(stack_of(images, &GeneratedImage::image_small), golden["image_small"],
                      /*rtol=*/1e-3));
    EXPECT_TRUE(close(stack_of(images, &GeneratedImage::image), golden["image"], /*rtol=*/1e-3));
  }
  Printed run(const std::string& verb, const Words& more) const {
    Words words = {verb, "-m", tiny.decoder(), "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words);
  }
  std::string name(const std::string& file) const { return (tiny / file).string(); }

  Golden golden;
  testing::TinyKandinsky22 tiny;
};
struct Kandinsky22WithNegative : Kandinsky22Model {
  Kandinsky22WithNegative() : Kandinsky22Model("negative") {}

  GenerateOptions sampling() const {
    auto options = Kandinsky22Model::sampling();
    const auto size = metadata<std::vector<int64_t>>("size");
    options.height = size[0];
    options.width = size[1];
    options.negative_prompt = golden.metadata("negative");
    return options;
  }
};

TEST_F(Kandinsky22Model, PaintsWhatDiffusersPaints) {
  auto engine = Engine::load(tiny.decoder());
  auto options = sampling();
  expect_golden(engine.generate(prompts(), options));
  options.batch_size = 2;
  expect_golden(engine.generate(prompts(), options));
}

TEST_F(Kandinsky22WithNegative, PaintsWhatDiffusersPaints) {
  auto engine = Engine::load(tiny.decoder(), {.low_memory = true});
  auto options = sampling();
  options.batch_size = 2;
  const auto images = engine.generate(prompts(), options);
  expect_golden(images);
  EXPECT_TRUE(close(stack_of(images, &GeneratedImage::negative_image_embedding),
                    golden["negative_image_embedding"], /*rtol=*/1e-4));
}

TEST_F(Kandinsky22WithNegative, ContinuesFromEmbeddings) {
  auto engine = Engine::load(tiny.decoder());
  const auto options = sampling();
  const auto embeddings = engine.prior(prompts(), options);
  ASSERT_TRUE(embeddings.negative_image_embedding.defined());
  write_embeddings(tiny / "z.safetensors", embeddings, WriteMode::kOverwrite);
  expect_golden(engine.decode(read_embeddings(tiny / "z.safetensors"), options));

  auto without = embeddings;
  without.negative_image_embedding.reset();
  EXPECT_TRUE(
      mentions(error_of([&] { engine.decode(without, options); }), {"negative prompt", "prior"}));
}

TEST_F(Kandinsky22Model, KeepsTheEmbeddingOfTheZeroImage) {
  const auto first = Engine::load(tiny.decoder()).generate({"a fox"}, sampling());
  ASSERT_TRUE(fs::is_directory(tiny.zero_images()));
  const auto file = fs::directory_iterator(tiny.zero_images())->path();
  // Another embedding in the file paints another image, so it is read; a damaged file is replaced.
  const auto zero = Checkpoint::open(file).tensor("image_embedding").clone();
  write_safetensors(file, {{"image_embedding", zero * -3}});
  const auto other = Engine::load(tiny.decoder()).generate({"a fox"}, sampling());
  EXPECT_FALSE(at::equal(other[0].image, first[0].image));
  testing::write_text(file, "no tensors");
  const auto again = Engine::load(tiny.decoder()).generate({"a fox"}, sampling());
  EXPECT_TRUE(at::equal(again[0].image, first[0].image));
  EXPECT_TRUE(at::equal(Checkpoint::open(file).tensor("image_embedding"), zero));
}

TEST_F(Kandinsky22Model, NeedsNoZeroImageWithoutGuidance) {
  auto options = sampling();
  options.stages["decoder"].guidance.scale = 1;
  Engine::load(tiny.decoder()).generate({"a fox"}, options);
  EXPECT_FALSE(fs::exists(tiny.zero_images()));
}

TEST_F(Kandinsky22Model, PaintsOtherSizes) {
  auto engine = Engine::load(tiny.decoder());
  auto options = sampling();
  options.width = 30;
  options.height = 13;
  const auto image = engine.generate({"a fox"}, options)[0].image;
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{3, 16, 32}));  // multiples of 4
  EXPECT_EQ(engine.noise_sizes(options), (std::vector<int64_t>{4, 8, 16}));
  options.width = 0;
  EXPECT_TRUE(mentions(error_of([&] { engine.generate({"a fox"}, options); }), {"1 to", "got 0"}));
}

TEST_F(Kandinsky22Model, IsFoundByEitherFolder) {
  const auto by_prior = open_model_dir(tiny.prior());
  EXPECT_EQ(by_prior.folder("unet"), tiny.decoder() / "unet");
  EXPECT_EQ(find_abilities(by_prior).main_obstacle, "");

  fs::rename(tiny.prior(), tiny / "elsewhere");
  const auto alone = open_model_dir(tiny.decoder());
  EXPECT_TRUE(mentions(error_of([&] { alone.folder("prior"); }),
                       {tiny.decoder().string(), "'prior'", "../kandinsky-2-2-prior",
                        "kandinsky-community/kandinsky-2-2-prior", "--part prior="}));
  EXPECT_TRUE(open_model_dir(tiny.decoder(), {{"prior", tiny / "elsewhere"}}).has("prior"));
}

TEST_F(Kandinsky22Model, IsPaintedReplayedVariedMixedAndInverted) {
  const Words steps = {"--decoder-steps", "6"};
  const auto paint = [&](const std::string& verb, Words words, const std::string& file) {
    words.insert(words.end(), steps.begin(), steps.end());
    words.insert(words.end(), {"-o", name(file)});
    run(verb, words);
    return name(file);
  };
  const auto a = paint("generate", {"a fox", "-s", "1"}, "a.png");
  const auto wide = paint(
      "generate", {"a cone", "-s", "2", "--width", "24", "--negative-prompt", "red"}, "wide.png");
  EXPECT_EQ(read_png(wide).sizes(), (std::vector<int64_t>{3, 16, 24}));
  for (const auto& file : {a, wide}) {
    EXPECT_TRUE(nlohmann::json::parse(run("replay", {file, "--json"}).out)["same"]) << file;
  }
  run("prior", {"a fox", "--negative-prompt", "red", "-s", "3", "-o", name("z.safetensors")});
  const auto decoded =
      paint("decode", {name("z.safetensors"), "--negative-prompt", "red"}, "d.png");
  EXPECT_TRUE(nlohmann::json::parse(run("replay", {decoded, "--json"}).out)["same"]);
  const auto direct = paint("generate", {"a fox", "--negative-prompt", "red", "-s", "3"}, "g.png");
  EXPECT_TRUE(at::equal(read_png(decoded), read_png(direct)));

  paint("vary", {a, "-s", "4"}, "v.png");
  EXPECT_FALSE(at::equal(read_png(tiny / "v.png"), read_png(a)));
  paint("vary", {a, "-s", "4", "--strength", "0.5", "--width", "24"}, "near.png");
  EXPECT_EQ(read_png(tiny / "near.png").sizes(), (std::vector<int64_t>{3, 16, 24}));
  paint("diff", {a, "--from", "a fox", "--to", "a cone"}, "moved-{i}.png");
  EXPECT_TRUE(fs::exists(tiny / "moved-0.png"));
  paint("mix", {a, wide, "--frames", "2", "-s", "5"}, "m-{i}.png");
  EXPECT_TRUE(fs::exists(tiny / "m-1.png"));
  run("invert", {a, "--decoder-steps", "8", "-o", name("noise.safetensors")});
  EXPECT_EQ(read_start_noise(tiny / "noise.safetensors").x_T.sizes(),
            (std::vector<int64_t>{1, 4, 8, 8}));
  run("decode",
      {name("noise.safetensors"), "--start", name("noise.safetensors"), "-o", name("back.png")});
  EXPECT_EQ(read_png(tiny / "back.png").sizes(), (std::vector<int64_t>{3, 16, 16}));
}

TEST_F(Kandinsky22Model, IsWatchedSweptComparedAndMeasured) {
  run("generate",
      {"a fox", "--decoder-steps", "2", "-o", name("a.png"), "-s", "0", "--watch", name("seen")});
  // A latent is shown as the image that it becomes.
  EXPECT_EQ(read_png(tiny / "seen/0-0/decoder-1-x_t.png").sizes(),
            (std::vector<int64_t>{3, 16, 16}));
  const auto swept = nlohmann::json::parse(
      run("sweep", {"a fox", "--decoder-steps", "2,3", "--width", "24", "--json", "-o", name("s")})
          .out);
  EXPECT_EQ(swept["evaluations"]["decoder"]["made"], 5);
  testing::write_text(tiny / "prompts.txt", "a fox\n");
  const auto csv = run("schedule", {"compare", "ddim", "heun", "--stage", "decoder", "--steps", "2",
                                    "--prompts", name("prompts.txt"), "--csv"})
                       .out;
  EXPECT_NE(csv.find("heun"), csv.npos) << csv;
  const auto bench = nlohmann::json::parse(run("bench", {"--steps", "2", "--json"}).out);
  EXPECT_EQ(bench["stages"]["decoder"]["evaluations"], 100);
}

TEST_F(Kandinsky22Model, TakesNegativePromptsWhereThePriorRuns) {
  const auto error = [&](const std::string& verb, const Words& more) {
    Words words = more;
    words.insert(words.end(), {"--negative-prompt", "red"});
    try {
      run(verb, words);
      return std::string();
    } catch (const std::exception& refusal) {
      return std::string(refusal.what());
    }
  };
  run("generate", {"a fox", "--decoder-steps", "2", "-s", "1", "-o", name("a.png")});
  for (const auto& [verb, words] :
       {std::pair{"vary", Words{name("a.png"), "-o", name("x.png")}},
        std::pair{"mix", Words{name("a.png"), name("a.png"), "-o", name("x.png")}},
        std::pair{"diff", Words{name("a.png"), "--from", "a fox", "--to", "a cone", "-o",
                                name("x.png")}}}) {
    EXPECT_TRUE(mentions(error(verb, words), {"--negative-prompt", verb, "unclip prior"})) << verb;
  }
  EXPECT_TRUE(
      mentions(error("prior", {"a fox", "-o", name("z.npy")}), {"--output", ".safetensors"}));
  EXPECT_EQ(error("prior", {"a fox", "--prior-guidance", "1", "-o", name("z.safetensors")}), "");
  EXPECT_TRUE(read_embeddings(tiny / "z.safetensors").negative_image_embedding.defined());
}

TEST_F(Kandinsky22WithNegative, SamplesTheNegativeEmbeddingWithoutGuidance) {
  auto engine = Engine::load(tiny.decoder());
  auto options = sampling();
  const auto plain = engine.prior({"a fox"}, options);
  options.stages["prior"].guidance.scale = 7;
  options.stages["prior"].guidance.others.rescale = 0.7;
  const auto other = engine.prior({"a fox"}, options);
  EXPECT_TRUE(close(other.negative_image_embedding, plain.negative_image_embedding, /*rtol=*/1e-5));
  EXPECT_FALSE(close(other.image_embedding, plain.image_embedding, /*rtol=*/1e-2));
}

TEST_F(Kandinsky22Model, DecodesWithoutTheImageEncoderIfItNeedsNoZeroImage) {
  const auto embeddings = Engine::load(tiny.decoder()).prior({"a fox"}, sampling());
  fs::rename(tiny.prior(), tiny / "elsewhere");
  auto engine = Engine::load(tiny.decoder(), {.decoder = true});
  auto options = sampling();
  EXPECT_TRUE(mentions(error_of([&] { engine.decode(embeddings, options); }), {"'image_encoder'"}));
  options.stages["decoder"].guidance.scale = 1;
  EXPECT_EQ(engine.decode(embeddings, options).size(), 1U);
}

TEST_F(Kandinsky22Model, IsFoundThroughALink) {
  fs::create_directory(tiny / "links");
  fs::create_directory_symlink(tiny.decoder(), tiny / "links/k22");
  EXPECT_TRUE(open_model_dir(tiny / "links/k22").has("prior"));
}

TEST_F(Kandinsky22Model, NeedsOnlyTheFoldersOfATask) {
  testing::write_text(tiny.decoder() / "model_index.json",
                      R"({"_class_name": "KandinskyV22InpaintPipeline"})");
  const auto model = open_model_dir(tiny.prior());
  EXPECT_TRUE(model.has("prior"));
  EXPECT_FALSE(model.has("unet"));
  EXPECT_TRUE(
      mentions(error_of([&] { model.folder("unet"); }), {"_class_name", "KandinskyV22Pipeline"}));
}

TEST_F(Kandinsky22Model, IsConvertedWithBothFolders) {
  run_with({"convert", tiny.decoder(), name("both"), "-q"});
  const auto painted = [&](const fs::path& model) {
    return Engine::load(model).generate({"a fox"}, sampling())[0].image;
  };
  EXPECT_TRUE(at::equal(painted(tiny / "both"), painted(tiny.decoder())));
  fs::rename(tiny.decoder(), tiny / "elsewhere");
  run_with({"convert", tiny.prior(), name("prior"), "-q"});
  EXPECT_TRUE(open_model_dir(tiny / "prior").has("image_encoder"));
}

TEST_F(Kandinsky22Model, RefusesPartsThatDoNotFit) {
  const auto change = [&](const fs::path& file, const std::string& key,
                          const nlohmann::json& value) {
    const auto before = testing::read_text(file);
    auto json = nlohmann::json::parse(before);
    json[key] = value;
    testing::write_text(file, json.dump());
    const auto message = error_of([&] { Engine::load(tiny.decoder()); });
    testing::write_text(file, before);
    return message;
  };
  const auto unet = tiny.decoder() / "unet/config.json";
  EXPECT_TRUE(mentions(change(unet, "encoder_hid_dim", 40), {unet, "encoder_hid_dim", "32", "40"}));
  EXPECT_TRUE(mentions(change(unet, "in_channels", 9), {unet, "in_channels", "4", "9"}));
  EXPECT_TRUE(mentions(change(unet, "out_channels", 5), {unet, "out_channels", "8", "5"}));
  const auto movq = tiny.decoder() / "movq/config.json";
  EXPECT_TRUE(mentions(change(movq, "out_channels", 4), {movq, "out_channels", "3", "4"}));
  const auto prior = tiny.prior() / "prior/config.json";
  EXPECT_TRUE(mentions(change(prior, "embedding_dim", 24), {prior, "embedding_dim", "32", "24"}));
}

}  // namespace
}  // namespace unclip
