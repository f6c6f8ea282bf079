// The verbs that lead into the space of embeddings and out of it: encode, prior, decode.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bit>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "embedding/embeddings.h"
#include "image/png.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"
#include "weights/npy.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::close;
using testing::error_of;
using testing::mentions;
using testing::read_text;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

bool same_pixels(const fs::path& a, const fs::path& b) {
  return at::equal(read_png(a), read_png(b));
}

TEST(PriorAndDecode, PaintWhatGeneratePaints) {
  const VerbFolder folder;
  const Words prompts = {"a red fox", "fox", "-n", "2", "-s", "5", "--batch-size", "3"};
  auto generate = prompts, prior = prompts;
  generate.insert(generate.end(), {"-o", folder.name("whole-{i}.png")});
  prior.insert(prior.end(), {"-o", folder.name("x.safetensors")});
  folder.run("generate", generate);
  EXPECT_EQ(folder.run("prior", prior).out, folder.name("x.safetensors") + "\n");
  folder.run("decode", {folder.name("x.safetensors"), "--batch-size", "3", "-o",
                        folder.name("halves-{i}.png")});
  for (int i = 0; i < 4; ++i) {
    const auto n = std::to_string(i) + ".png";
    EXPECT_TRUE(same_pixels(folder / ("whole-" + n), folder / ("halves-" + n))) << i;
  }
}

TEST(PriorAndDecode, WorkThroughAPipe) {
  const VerbFolder folder;
  folder.run("generate", {"fox", "-s", "5", "-o", folder.name("whole.png")});
  const auto piped = folder.run("prior", {"fox", "-s", "5", "-o", "-"});
  folder.run("decode", {"-", "-o", folder.name("piped.png")}, piped.out);
  EXPECT_TRUE(same_pixels(folder / "whole.png", folder / "piped.png"));
  EXPECT_EQ(piped.err, "");
}

TEST(Prior, KeepsTheNearest) {
  const VerbFolder folder;
  const Words words = {"fox", "-n", "5", "-s", "5"};
  auto all = words, two = words;
  all.insert(all.end(), {"-o", folder.name("all.safetensors")});
  two.insert(two.end(), {"--rank", "2", "-o", folder.name("two.safetensors")});
  folder.run("prior", all);
  folder.run("prior", two);
  const auto five = read_embeddings(folder / "all.safetensors");
  const auto kept = read_embeddings(folder / "two.safetensors");
  ASSERT_EQ(kept.rows(), 2);
  const auto nearness = at::cosine_similarity(five.image_embedding, five.text_embedding);
  const auto best = nearness.argmax().item<int64_t>();
  EXPECT_EQ(kept.origins[0].seed, 5 + static_cast<uint64_t>(best));
  EXPECT_TRUE(at::equal(kept.image_embedding[0], five.image_embedding[best]));
}

TEST(Decode, WritesTheEmbeddingIntoThePng) {
  const VerbFolder folder;
  folder.run("prior", {"fox", "-s", "5", "-o", folder.name("x.safetensors")});
  folder.run("decode", {folder.name("x.safetensors"), "-o", folder.name("x.png")});
  const auto recipe = nlohmann::json::parse(read_png_text(folder / "x.png").at(1).text);
  EXPECT_EQ(recipe["verb"], "decode");
  EXPECT_EQ(recipe["prompt"], "fox");
  EXPECT_EQ(recipe["seed"], 5);
  EXPECT_EQ(recipe["draws"], 2);
  EXPECT_FALSE(recipe.contains("prior_steps"));
  const auto text = recipe["image_embedding"].get<std::string>();
  EXPECT_EQ(text.size(), 4U * ((32 * 4 + 2) / 3));
  // The first number: 4 of the 6 bytes that 8 digits stand for.
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits = bits << 6 | digits.find(text[i]);
  uint32_t little_endian = 0;
  for (int i = 0; i < 4; ++i) little_endian |= (bits >> (40 - 8 * i) & 255) << (8 * i);
  EXPECT_EQ(std::bit_cast<float>(little_endian),
            read_embeddings(folder / "x.safetensors").image_embedding[0][0].item<float>());
}

TEST(Decode, LetsTheCommandLineSayOtherwise) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  folder.run("prior", {"a red fox", "-s", "5", "-o", file});
  const auto paint = [&](Words words) {
    words.insert(words.begin(), file);
    words.insert(words.end(), {"--overwrite", "-o", folder.name("x.png")});
    folder.run("decode", words);
    return read_png(folder / "x.png");
  };
  const auto own = paint({});
  EXPECT_TRUE(at::equal(paint({"--prompt", "a red fox"}), own));
  EXPECT_FALSE(at::equal(paint({"--prompt", "fox"}), own));
  EXPECT_FALSE(at::equal(paint({"--no-prompt"}), own));
  EXPECT_TRUE(at::equal(paint({"--no-prompt"}), paint({"--prompt", ""})));
  EXPECT_FALSE(at::equal(paint({"--seed", "5"}), own));  // a generator that has drawn nothing
  EXPECT_FALSE(at::equal(paint({"--decoder-steps", "3"}), own));
}

TEST(Decode, TakesArraysThatKnowNothing) {
  const VerbFolder folder;
  write_text(folder / "x.npy", npy_bytes(at::randn({2, 32})));
  const auto printed = folder.run(
      "decode", {folder.name("x.npy"), "-n", "2", "-s", "7", "-o", folder.name("{i}-{seed}.png")});
  EXPECT_EQ(printed.out, folder.name("0-7.png") + "\n" + folder.name("1-8.png") + "\n" +
                             folder.name("2-9.png") + "\n" + folder.name("3-10.png") + "\n");
}

TEST(Decode, RefusesAnotherModelsEmbeddings) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  folder.run("prior", {"fox", "-s", "5", "-o", file});
  auto foreign = read_embeddings(file);
  foreign.model_name = "karlo";
  foreign.model_hash = foreign.text_encoder_hash = std::string(64, 'f');
  write_embeddings(file, foreign, WriteMode::kOverwrite);
  const auto decode = [&](Words more) {
    more.insert(more.begin(), {file, "-o", folder.name("x.png")});
    return error_of([&] { folder.run("decode", more); });
  };
  EXPECT_TRUE(mentions(decode({}), {file, "expected", "tiny", "found", "karlo ffffffffff"}));
  EXPECT_FALSE(fs::exists(folder / "x.png"));
  EXPECT_EQ(decode({"--force"}), "");
  foreign.image_embedding = at::ones({1, 31});
  foreign.text_embedding = at::Tensor();
  write_embeddings(file, foreign, WriteMode::kOverwrite);
  EXPECT_TRUE(mentions(decode({"--force"}), {file, "expected", "32", "found 31"}));
}

TEST(Decode, TakesEmbeddingsOfTheSameClip) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  folder.run("prior", {"fox", "-s", "5", "-o", file});
  // Another decoder, and with it another model.
  const auto config = folder / "model/decoder_scheduler/scheduler_config.json";
  write_text(config, read_text(config) + "\n");
  EXPECT_EQ(error_of([&] { folder.run("decode", {file, "-o", folder.name("x.png")}); }), "");
}

TEST(Decode, WantsImageEmbeddings) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  folder.run("encode", {"--text", "fox", "-o", file});
  EXPECT_EQ(
      error_of([&] { folder.run("decode", {file}); }).find(file + ": expected image embeddings"),
      0U);
}

TEST(Encode, TakesTextsUpToTheNextOption) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  folder.run("encode", {"--text", "a red fox", "fox", "-o", file});
  const auto rows = read_embeddings(file);
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_FALSE(rows.image_embedding.defined());
  EXPECT_EQ(rows.origins[1], Origin{.prompt = "fox"});
  folder.run("prior", {"fox", "-s", "1", "-o", folder.name("y.safetensors")});
  EXPECT_TRUE(close(rows.text_embedding[1],
                    read_embeddings(folder / "y.safetensors").text_embedding[0], /*rtol=*/1e-5));
}

TEST(Encode, TakesPicturesAndListsOfThem) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  const auto a = folder.picture("a.png", 0.2), b = folder.picture("b.png", 0.9);
  folder.run("encode", {a, "-", "-o", file, "--batch-size", "2"}, b + "\n\n" + a + "\n");
  const auto rows = read_embeddings(file);
  ASSERT_EQ(rows.rows(), 3);
  EXPECT_EQ(rows.origins[1], Origin{.path = b});
  EXPECT_TRUE(at::equal(rows.image_embedding[0], rows.image_embedding[2]));
  EXPECT_FALSE(close(rows.image_embedding[0], rows.image_embedding[1], /*rtol=*/1e-3));
  EXPECT_FALSE(fs::exists(file + ".partial"));
}

TEST(Encode, GoesOnWhereItWasStopped) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  const auto a = folder.picture("a.png", 0.2), b = folder.name("b.png");
  const Words words = {a, b, "-o", file, "--batch-size", "1"};
  EXPECT_EQ(error_of([&] { folder.run("encode", words); }).find(b), 0U);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(read_embeddings(file + ".partial").rows(), 1);

  // Were the first picture read again, its colour would be another.
  const auto before = read_embeddings(file + ".partial").image_embedding[0].clone();
  folder.picture("a.png", 1.0);
  folder.picture("b.png", 0.5);
  auto resumed = words;
  resumed.push_back("--resume");
  folder.run("encode", resumed);
  const auto rows = read_embeddings(file);
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_TRUE(at::equal(rows.image_embedding[0], before));
  EXPECT_FALSE(fs::exists(file + ".partial"));
}

TEST(Encode, GoesOnWithoutWhatItCannotReadWhereItMay) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  const auto a = folder.picture("a.png", 0.2), b = folder.picture("b.png", 0.9);
  const auto bad = folder.name("bad.png");
  write_text(bad, "a text");
  const auto printed = folder.run("encode", {a, bad, b, "--skip-unreadable", "-o", file});
  EXPECT_EQ(printed.err.find("unclip: left out: " + bad + ": expected a PNG"), 0U);
  const auto rows = read_embeddings(file);
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_EQ(rows.origins[1].path, b);
  EXPECT_EQ(error_of([&] {
              folder.run("encode", {bad, "--skip-unreadable", "-o", folder.name("y.npy")});
            }),
            "none of the 1 images can be read");
  EXPECT_FALSE(fs::exists(folder / "y.npy"));
}

TEST(Vary, PaintsWhatEncodeAndDecodePaint) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.2), b = folder.picture("b.png", 0.9);
  folder.run("vary", {a, b, "-n", "2", "-s", "7", "-o", folder.name("vary-{i}.png")});
  // Each picture by itself, for both are encoded so.
  folder.run("encode", {a, b, "-o", folder.name("x.safetensors"), "--batch-size", "1"});
  folder.run("decode", {folder.name("x.safetensors"), "-n", "2", "-s", "7", "-o",
                        folder.name("decode-{i}.png")});
  for (int i = 0; i < 4; ++i) {
    const auto n = std::to_string(i) + ".png";
    EXPECT_TRUE(same_pixels(folder / ("vary-" + n), folder / ("decode-" + n))) << i;
  }
  EXPECT_FALSE(same_pixels(folder / "vary-0.png", folder / "vary-2.png"));
  EXPECT_FALSE(same_pixels(folder / "vary-0.png", folder / "vary-1.png"));
}

TEST(Rank, TellsTheCosinesInEveryForm) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.2), b = folder.picture("b,2.png", 0.9);
  folder.run("encode", {a, b, "-o", folder.name("p.safetensors")});
  folder.run("encode", {"--text", "fox", "a \"red\" fox", "-o", folder.name("t.safetensors")});
  const auto cosine = at::cosine_similarity(
      read_embeddings(folder / "p.safetensors").image_embedding.unsqueeze(1),
      read_embeddings(folder / "t.safetensors").text_embedding.unsqueeze(0), 2);
  const auto with = [&](const std::string& flag) {
    return folder.run("rank", {a, b, flag, "--text", "fox", "a \"red\" fox"}).out;
  };
  const auto csv = with("--csv");
  EXPECT_EQ(csv.find("picture,fox,\"a \"\"red\"\" fox\"\n" + a + ","), 0U) << csv;
  const auto second = csv.substr(csv.find("\"" + b + "\",") + b.size() + 3);
  EXPECT_NEAR(std::stod(second), cosine[1][0].item<double>(), 2e-6);

  std::istringstream lines(with("--json"));
  std::string line;
  std::getline(lines, line);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["picture"], a);
  ASSERT_EQ(json["scores"].size(), 2U);
  const auto best = cosine[0].argmax().item<int64_t>();
  EXPECT_EQ(json["scores"][0]["text"], best == 0 ? "fox" : "a \"red\" fox");
  EXPECT_NEAR(json["scores"][0]["cosine"].get<double>(), cosine[0][best].item<double>(), 1e-6);
}

TEST(Rank, ClassifiesWithTemplates) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.2);
  write_text(folder / "labels.txt", "fox\n\nred\n");
  const auto classify = [&](const Words& more) {
    Words words = {a, "--labels", folder.name("labels.txt"), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    std::map<std::string, double> result;
    const auto json = nlohmann::json::parse(folder.run("rank", words).out);
    for (const auto& score : json["scores"]) {
      result[score["label"]] = score["probability"];
    }
    return result;
  };
  const auto plain = classify({});
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_NEAR(plain.at("fox") + plain.at("red"), 1, 1e-6);
  EXPECT_EQ(classify({"--template", "{}"}), plain);
  EXPECT_NE(classify({"--template", "a {}", "{} {}"}), plain);
  EXPECT_EQ(classify({"--top", "1"}).size(), 1U);
}

TEST(Encode, TellsWhatItLacks) {
  const VerbFolder folder;
  const auto usage = [&](const Words& words) {
    return testing::usage_error([&] { folder.run("encode", words); });
  };
  EXPECT_EQ(usage({}), "expected either FILE... or --text PROMPT..., got neither");
  EXPECT_EQ(usage({"a.png", "--text", "fox"}),
            "expected either FILE... or --text PROMPT..., got both");
  EXPECT_EQ(usage({"--text"}), "--text: expected a value, PROMPT...");
  EXPECT_EQ(usage({"a.png", "-o", "-", "--resume"}),
            "--resume: expected files, got standard output");
  EXPECT_TRUE(
      mentions(usage({"a.png", "-o", "x.png"}), {"--output", ".safetensors or .npy", "'x.png'"}));
}

}  // namespace
}  // namespace unclip::cli
