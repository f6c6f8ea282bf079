// What pictures tell of themselves: replay, --best-of.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedding/embeddings.h"
#include "image/encode_image.h"
#include "image/image_texts.h"
#include "image/png.h"
#include "image/read_picture.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"
#include "weights/npy.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::read_text;
using testing::run_with;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

struct ReplayFolder : VerbFolder {
  /// Paints x.png by a verb.
  std::string paint(const std::string& verb, Words words) const {
    words.insert(words.end(), {"--overwrite", "-o", name("x.png")});
    run(verb, words);
    return name("x.png");
  }
  /// Writes x.png anew, its recipe and pixels changed by the functions.
  std::string forged(const std::function<void(nlohmann::json&)>& change,
                     const std::function<void(at::Tensor&)>& paint_over = {}) const {
    const auto texts = read_png_text(*this / "x.png");
    auto recipe = nlohmann::json::parse(texts.at(1).text);
    change(recipe);
    auto image = read_png(*this / "x.png");
    if (paint_over) paint_over(image);
    return write_png(*this / "forged.png", image, {texts[0], {"unclip", recipe.dump()}},
                     WriteMode::kOverwrite)
        .string();
  }
};

void unchanged(nlohmann::json&) {}

TEST(Replay, PaintsEveryVerbsPictureAgain) {
  const ReplayFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  folder.run("prior", {"fox", "-s", "5", "-o", folder.name("x.safetensors")});
  folder.run("invert", {a, "--decoder-steps", "3", "-o", folder.name("y.safetensors")});
  const std::vector<std::pair<std::string, Words>> runs = {
      {"generate", {"a red fox", "-s", "5", "--prior-steps", "3", "--decoder-guidance", "4"}},
      {"generate", {"fox", "-s", "5", "--dtype", "bfloat16"}},
      {"decode", {folder.name("x.safetensors"), "--super-res-steps", "1"}},
      {"decode",
       {folder.name("y.safetensors"), "--start", folder.name("y.safetensors"), "-s", "1"}},
      {"vary", {a, "-s", "5", "--prompt", "fox"}},
      {"vary", {a, "-s", "5", "--strength", "0.7", "--decoder-steps", "3"}},
      {"mix", {a, "fox", "-s", "5"}},
      {"mix", {a, "fox", "-s", "5", "--noise", "interpolated", "--decoder-steps", "3"}},
      {"diff", {a, "--from", "fox", "--to", "red", "-s", "5", "--decoder-steps", "3"}}};
  for (const auto& [verb, words] : runs) {
    const auto file = folder.paint(verb, words);
    EXPECT_EQ(folder.run("replay", {file}).out, file + ": the same image, to the last bit\n")
        << verb << " " << words.back();
  }
}

TEST(Replay, TakesPicturesOfSeveralKindsInOneRun) {
  const ReplayFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  folder.run("generate", {"fox", "-n", "2", "-s", "5", "-o", folder.name("{seed}.png")});
  folder.run("generate", {"fox", "-s", "7", "--dtype", "bfloat16", "-o", folder.name("7.png")});
  folder.run("vary", {a, "-s", "8", "-o", folder.name("8.png")});
  Words files;
  for (const auto* file : {"5.png", "8.png", "6.png", "7.png", "5.png"}) {
    files.push_back(folder.name(file));
  }
  std::istringstream lines(folder.run("replay", files).out);
  for (const auto& file : files) {
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, file + ": the same image, to the last bit");
  }
}

TEST(Replay, KnowsHowAPictureWasGuided) {
  const ReplayFolder folder;
  const auto file =
      folder.paint("generate", {"fox", "-s", "5", "--negative-prompt", "a red",
                                "--prior-guidance-rescale", "0.5", "--decoder-guidance-interval",
                                "0.1..30", "--decoder-scheduler", "ddim:threshold=0.9"});
  EXPECT_EQ(folder.run("replay", {file}).out, file + ": the same image, to the last bit\n");
  const auto texts = read_png_text(file);
  const auto json = nlohmann::json::parse(texts.at(1).text);
  EXPECT_EQ(json["negative_prompt"], "a red");
  EXPECT_EQ(json["prior_guidance_rescale"], 0.5);
  EXPECT_EQ(json["decoder_guidance_interval"], (std::vector<double>{0.1, 30}));
  EXPECT_FALSE(json.contains("decoder_guidance_rescale"));
  EXPECT_NE(texts.at(0).text.find("fox\nNegative prompt: a red\nSteps: "), std::string::npos);
}

TEST(Replay, TellsOfAnotherPicture) {
  const ReplayFolder folder;
  folder.paint("generate", {"fox", "-s", "5"});
  const auto spot = [](int64_t by) {
    return [by](at::Tensor& image) {
      auto value = image[1][2].select(0, 3);
      value.add_((value.item<double>() > 0.5 ? -1 : 1) * static_cast<double>(by) / 255);
    };
  };
  const auto near = folder.forged(unchanged, spot(1));
  EXPECT_NE(
      folder.run("replay", {near})
          .out.find(": the same image but for rounding: they differ by at most 1 of 255, in 1 of "),
      std::string::npos);
  const auto other = folder.forged(unchanged, spot(9));
  EXPECT_EQ(error_of([&] {
              folder.run("replay", {other, folder.name("x.png")});
            }),
            "1 of 2 images differ when they are made again");
  const auto seed = folder.forged([](nlohmann::json& recipe) { recipe["seed"] = 6; });
  EXPECT_TRUE(
      testing::mentions(error_of([&] { folder.run("replay", {seed}); }), {"1 of 1 images"}));
}

TEST(Replay, WritesWhatItPaints) {
  const ReplayFolder folder;
  const auto file = folder.paint("generate", {"fox", "-s", "5"});
  const auto told = nlohmann::json::parse(
      folder.run("replay", {file, "--json", "-o", folder.name("again-{seed}.png")}).out);
  EXPECT_EQ(told["path"], file);
  EXPECT_EQ(told["same"], true);
  EXPECT_EQ(told["painted"], folder.name("again-5.png"));
  EXPECT_TRUE(at::equal(read_png(folder / "again-5.png"), read_png(file)));
  EXPECT_EQ(read_png_text(folder / "again-5.png"), read_png_text(file));
}

TEST(Replay, RefusesWhatIsNoRecipeOfTheModel) {
  const ReplayFolder folder;
  folder.run("encode", {folder.picture("a.png", 0.4), "-o", folder.name("a.npy")});
  folder.paint("decode", {folder.name("a.npy"), "-s", "5"});
  const auto refusal = [&](const std::function<void(nlohmann::json&)>& change) {
    const auto file = folder.forged(change);
    return error_of([&] { folder.run("replay", {file}); });
  };
  const auto set = [&](const std::string& key, const nlohmann::json& value) {
    return refusal([&](nlohmann::json& recipe) { recipe[key] = value; });
  };
  EXPECT_EQ(refusal(unchanged), "");
  EXPECT_NE(set("seed", -1).find("'seed': expected"), std::string::npos);
  EXPECT_NE(set("decoder_steps", 0).find("'decoder_steps': expected"), std::string::npos);
  EXPECT_NE(set("decoder_guidance", "much").find("'decoder_guidance'"), std::string::npos);
  EXPECT_NE(set("draws", 1e30).find("'draws'"), std::string::npos);
  EXPECT_NE(set("dtype", "int8").find("'dtype' is 'int8'"), std::string::npos);
  EXPECT_NE(set("verb", "paint").find("got \"paint\""), std::string::npos);
  EXPECT_NE(set("model", "karlo").find("'model'"), std::string::npos);
  EXPECT_NE(set("model", {{"name", "karlo"}, {"hash", std::string(64, 'f')}})
                .find("was painted by another model, karlo ffffffffff; expected tiny "),
            std::string::npos);
  for (const auto* text : {"", "AAAA", "AACAfw==", "!!!!", "AAAAAAA"}) {
    EXPECT_NE(set("image_embedding", text).find("'image_embedding' is no float32 numbers"),
              std::string::npos)
        << text;
  }
  EXPECT_NE(set("image_embedding", "AAAAAA==").find("expected an embedding of 32 numbers"),
            std::string::npos);
  EXPECT_NE(set("x_T", "AAAAAA==").find("found 1"), std::string::npos);
  EXPECT_NE(set("decoder_scheduler", "eulr").find("'decoder_scheduler': there is no sampler"),
            std::string::npos);
  EXPECT_NE(set("decoder_scheduler", "ddim:eta=2").find("eta: expected"), std::string::npos);
  const auto plain = folder.picture("plain.png", 0.4);
  EXPECT_EQ(error_of([&] { folder.run("replay", {plain}); }),
            plain + ": expected an image with the text 'unclip' or 'parameters', found neither");
}

/// Paints x.png, and writes its pixels to another file with the texts.
std::string with_texts_of(const ReplayFolder& folder, const std::string& file,
                          const std::vector<PngText>& texts, const EncodeOptions& options) {
  const auto image = read_png(folder / "x.png");
  write_text(folder / file, encode_image(image, texts, options));
  return folder.name(file);
}

TEST(Replay, PaintsJpegAndWebpAgain) {
  const ReplayFolder folder;
  for (const auto* name : {"x.jpg", "x.webp"}) {
    for (const auto* quality : {"20", "90", "100"}) {
      folder.run("generate",
                 {"fox", "-s", "5", "--overwrite", "--quality", quality, "-o", folder.name(name)});
      const auto out = folder.run("replay", {folder.name(name)}).out;
      EXPECT_TRUE(out.starts_with(folder.name(name) + ": the same image")) << quality << out;
    }
  }
  const auto a = folder.picture("a.png", 0.4);
  folder.run("vary", {a, "-s", "5", "--strength", "0.7", "--decoder-steps", "3", "-o",
                      folder.name("vary.webp")});
  EXPECT_NE(folder.run("replay", {folder.name("vary.webp")}).out.find("the same image"),
            std::string::npos);
}

TEST(Replay, FindsThatALossyFileShowsAnotherImage) {
  const ReplayFolder folder;
  folder.run("generate", {"fox", "-s", "5", "-o", folder.name("x.jpg")});
  folder.run("generate", {"fox", "-s", "6", "-o", folder.name("x.png")});
  const auto texts = texts_of_metadata(decode_image(read_text(folder / "x.jpg"), "x").metadata);
  const auto other = with_texts_of(folder, "other.jpg", texts, {.format = ImageFormat::kJpeg});
  EXPECT_TRUE(
      testing::mentions(error_of([&] { folder.run("replay", {other}); }), {"1 of 1 images"}));
}

TEST(Replay, TakesTheParametersTextOnly) {
  const ReplayFolder folder;
  const auto x = folder.paint(
      "generate", {"a red fox", "-s", "5", "--decoder-steps", "2", "--negative-prompt", "ball"});
  const auto parameters = read_png_text(x).at(0);
  ASSERT_EQ(parameters.keyword, "parameters");
  for (const auto& [file, format] :
       {std::pair{"text.png", ImageFormat::kPng}, std::pair{"text.jpg", ImageFormat::kJpeg},
        std::pair{"text.webp", ImageFormat::kWebp}}) {
    const auto name = with_texts_of(folder, file, {parameters}, {.format = format, .quality = 100});
    const auto printed = run_with({"replay", "-m", folder.name("model"), name});
    EXPECT_TRUE(printed.out.starts_with(name + ": the same image")) << printed.out;
    EXPECT_EQ(printed.err.find("unclip: " + name + ": its text does not say the steps"), 0u)
        << printed.err;
    EXPECT_EQ(printed.err.find("sampler"), std::string::npos);
  }
  auto other = parameters;
  other.text.replace(other.text.find("Model hash: ") + 12, 10, "0123456789");
  const auto name = with_texts_of(folder, "other.png", {other}, {});
  EXPECT_NE(error_of([&] { folder.run("replay", {name}); }).find("another model"),
            std::string::npos);
}

TEST(Replay, PaintsWhatAnotherProgramsTextSays) {
  const ReplayFolder folder;
  folder.paint("generate", {"a red fox", "-s", "41"});
  const PngText text = {"parameters",
                        "a red fox\nNegative prompt: ball\nSteps: 2, Sampler: Nobody's, CFG scale: "
                        "2, Seed: 41, Size: 512x512, Model hash: 6ce0161689, Model: v1-5, Version: "
                        "v1.6.0"};
  folder.run("generate", {"a red fox", "-s", "41", "--negative-prompt", "ball", "--decoder-steps",
                          "2", "--decoder-guidance", "2", "-o", folder.name("expected.png")});
  for (const auto& [file, format] :
       {std::pair{"other.png", ImageFormat::kPng}, std::pair{"other.jpg", ImageFormat::kJpeg},
        std::pair{"other.webp", ImageFormat::kWebp}}) {
    const auto name = with_texts_of(folder, file, {text}, {.format = format});
    const auto printed = run_with({"replay", "-m", folder.name("model"), name, "--overwrite", "-o",
                                   folder.name("again.png")});
    EXPECT_TRUE(at::equal(read_png(folder / "again.png"), read_png(folder / "expected.png")));
    EXPECT_NE(printed.err.find("the sampler 'Nobody's'"), std::string::npos);
    EXPECT_NE(printed.err.find("with the model v1-5"), std::string::npos);
    EXPECT_EQ(printed.err.find("unclip: "), printed.err.rfind("unclip: ")) << printed.err;
  }
}

TEST(BestOf, KeepsTheNearestOfEachPicture) {
  const VerbFolder folder;
  const Words prompts = {"a red fox", "fox", "-s", "5"};
  auto all = prompts, best = prompts;
  all.insert(all.end(), {"-n", "3", "-o", folder.name("{i}.png")});
  best.insert(best.end(), {"--best-of", "3", "--json", "-o", folder.name("best-{i}-{seed}.png")});
  folder.run("generate", all);
  std::istringstream lines(folder.run("generate", best).out);
  for (int prompt = 0; prompt < 2; ++prompt) {
    std::string line;
    std::getline(lines, line);
    const auto told = nlohmann::json::parse(line);
    EXPECT_EQ(told["index"], prompt);
    double nearest = -2;
    uint64_t seed = 0;
    for (int i = 0; i < 3; ++i) {
      const auto file = folder.name(std::to_string(3 * prompt + i) + ".png");
      const auto json = nlohmann::json::parse(
          folder.run("rank", {file, "--json", "--text", prompts[static_cast<size_t>(prompt)]}).out);
      const double cosine = json["scores"][0]["cosine"];
      if (cosine <= nearest) continue;
      nearest = cosine;
      seed = static_cast<uint64_t>(5 + 3 * prompt + i);
    }
    EXPECT_EQ(told["seed"], seed);
    EXPECT_NEAR(told["clip_similarity"].get<double>(), nearest, 1e-5);
    const auto recipe =
        nlohmann::json::parse(read_png_text(told["path"].get<std::string>()).at(1).text);
    EXPECT_EQ(recipe["clip_similarity"], told["clip_similarity"]);
    EXPECT_EQ(recipe["seed"], seed);
  }
}

}  // namespace
}  // namespace unclip::cli
