// What lies between pictures, texts and embedding files: mix, diff.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "cli/arguments.h"
#include "embedding/embeddings.h"
#include "embedding/spherical.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/support/close.h"
#include "weights/checkpoint.h"
#include "weights/npy.h"

namespace unclip::cli {
namespace {

using testing::close;
using testing::error_of;
using testing::usage_error;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

struct MixFolder : VerbFolder {
  at::Tensor embeddings(const std::string& verb, const Words& words) const {
    return tensors(verb, words).tensor("image_embedding").clone();
  }
  /// A file of two embeddings.
  std::string two() const {
    write_text(*this / "two.npy", npy_bytes(z));
    return name("two.npy");
  }

  at::Tensor z = at::randn({2, 32});
};

TEST(Mix, PaintsTheMeanByWeights) {
  const MixFolder folder;
  const auto even = folder.embeddings("mix", {folder.two(), "-s", "7"});
  EXPECT_TRUE(close(even[0], spherical_mean(folder.z, {1, 1}), /*rtol=*/1e-5));
  const auto uneven = folder.embeddings("mix", {folder.two(), "--weights", "1,3", "-s", "7"});
  EXPECT_TRUE(close(uneven[0], slerp(folder.z[0], folder.z[1], 0.75), /*rtol=*/1e-5));
}

TEST(Mix, HasTheModelsGuidanceBetweenPictures) {
  const MixFolder folder;
  const auto guidance = [&](const Words& more) {
    Words words = {folder.two(), "-s", "7", "--overwrite", "-o", folder.name("x.png")};
    words.insert(words.end(), more.begin(), more.end());
    folder.run("mix", words);
    return nlohmann::json::parse(read_png_text(folder / "x.png").at(1).text)["decoder_guidance"];
  };
  EXPECT_EQ(guidance({}), 2);  // unclip.json's of all pictures
  write_text(folder / "model/unclip.json", R"({"prior_steps": 2, "decoder_steps": 2,
      "super_res_steps": 2, "decoder_guidance": 2, "mix_guidance": 1.5})");
  EXPECT_EQ(guidance({}), 1.5);
  EXPECT_EQ(guidance({"--decoder-guidance", "3"}), 3);
}

TEST(Mix, GoesFromTheFirstByWayOfAllToTheLast) {
  const MixFolder folder;
  const auto picture = folder.picture("a.png", 0.4);
  const auto rows = folder.embeddings("mix", {folder.two(), picture, "--frames", "5", "-s", "7"});
  folder.run("encode", {picture, "-o", folder.name("a.npy")});
  const auto last = read_embeddings(folder / "a.npy").image_embedding[0];
  ASSERT_EQ(rows.size(0), 5);
  EXPECT_TRUE(close(rows[0], folder.z[0], /*rtol=*/1e-5));
  EXPECT_TRUE(close(rows[1], slerp(folder.z[0], folder.z[1], 0.5), /*rtol=*/1e-5));
  EXPECT_TRUE(close(rows[2], folder.z[1], /*rtol=*/1e-5));
  EXPECT_TRUE(close(rows[4], last, /*rtol=*/1e-4));
}

TEST(Mix, TakesTextsThroughThePrior) {
  const MixFolder folder;
  const auto rows = folder.embeddings("mix", {"a fox", "red", "--frames", "2", "-s", "7"});
  folder.run("prior", {"a fox", "red", "-s", "7", "-o", folder.name("x.safetensors")});
  const auto z = read_embeddings(folder / "x.safetensors").image_embedding;
  EXPECT_TRUE(close(rows, z, /*rtol=*/1e-5));
}

// Of a picture, an embedding file with its noise, and one without.
TEST(Mix, PaintsThePicturesAgainAtTheEndsOfInterpolatedNoise) {
  const MixFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  const auto file = folder.name("b.safetensors");
  folder.run("invert", {folder.picture("b.png", 0.9), "--decoder-steps", "10", "-o", file});
  const auto again =
      folder.tensors("decode", {file, "--start", file}).tensor("image_small").clone();
  const auto small = folder
                         .tensors("mix", {a, file, "--frames", "3", "--noise", "interpolated",
                                          "--decoder-steps", "10", "-s", "7"})
                         .tensor("image_small");
  EXPECT_TRUE(close(small[2], again[0], /*rtol=*/1e-3));
  const auto varied =
      folder.tensors("vary", {a, "--strength", "0", "--decoder-steps", "10"}).tensor("image_small");
  EXPECT_TRUE(close(small[0], varied[0], /*rtol=*/1e-3));
}

TEST(Mix, TellsWhatItLacks) {
  const MixFolder folder;
  const auto two = folder.two();
  const auto usage = [&](const Words& words) {
    return usage_error([&] { folder.run("mix", words); });
  };
  EXPECT_EQ(usage({}), "mix: expected two or more images, texts or embeddings, got one");
  EXPECT_EQ(usage({two, "--weights", "1,2", "--frames", "3"}),
            "--weights: cannot be combined with --frames");
  EXPECT_NE(usage({two, "--weights", "1;2"}).find("--weights: expected"), std::string::npos);
  EXPECT_NE(usage({two, "--weights", "0,0"}).find("not all 0"), std::string::npos);
  EXPECT_NE(usage({two, "--frames", "1"}).find("--frames: expected"), std::string::npos);
  EXPECT_NE(usage({two, "--noise", "pink"}).find("one of fixed, interpolated"), std::string::npos);
  EXPECT_NE(error_of([&] {
              folder.run("mix", {two, "--weights", "1,2,3"});
            }).find("--weights: expected 2 numbers, one for each embedding, got 3"),
            std::string::npos);
  const auto none = folder.name("none.png");
  EXPECT_EQ(error_of([&] {
              folder.run("mix", {two, none});
            }),
            none + ": no such file; expected an image, an embedding file or a text");
  write_text(folder / "letter.png", "dear");
  EXPECT_EQ(error_of([&] {
              folder.run("mix", {two, folder.name("letter.png")});
            }).find(folder.name("letter.png") + ": expected a PNG"),
            0U);
}

TEST(Diff, TurnsTheEmbeddingTowardsTheChange) {
  const MixFolder folder;
  write_text(folder / "one.npy", npy_bytes(folder.z[0]));
  const Words words = {folder.name("one.npy"), "--from", "a fox", "--to", "a red fox", "-s", "7",
                       "--decoder-steps",      "2"};
  const auto with = [&](const Words& more) {
    auto all = words;
    all.insert(all.end(), more.begin(), more.end());
    return folder.embeddings("diff", all);
  };
  folder.run("encode", {"--text", "a fox", "a red fox", "-o", folder.name("texts.safetensors")});
  const auto texts = read_embeddings(folder / "texts.safetensors").text_embedding;
  const auto turned = [&](double theta) {
    return text_diff(folder.z[0], texts[0], texts[1], theta);
  };
  EXPECT_TRUE(close(with({"--theta", "0.3"})[0], turned(0.3), /*rtol=*/1e-4));
  const auto from_zero = with({"--theta", "0.5", "--frames", "3"});
  EXPECT_TRUE(close(from_zero[0], folder.z[0], /*rtol=*/1e-4));
  EXPECT_TRUE(close(from_zero[1], turned(0.25), /*rtol=*/1e-4));
  EXPECT_TRUE(close(with({"--theta", "0.25..0.5", "--frames", "3"})[0], turned(0.25),
                    /*rtol=*/1e-4));
}

TEST(Diff, BeginsAtThePicturesOwnNoise) {
  const MixFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  const auto again = folder.tensors("vary", {a, "--strength", "0", "--decoder-steps", "10"})
                         .tensor("image_small")
                         .clone();
  const Words words = {a, "--from", "a fox", "--to", "red", "--theta", "0"};
  const auto with = [&](const Words& more) {
    auto all = words;
    all.insert(all.end(), more.begin(), more.end());
    return folder.tensors("diff", all).tensor("image_small").clone();
  };
  const Words own = {"--decoder-steps", "10", "--decoder-guidance", "1"};
  EXPECT_TRUE(close(with(own), again, /*rtol=*/1e-3));
  const auto drawn = with({"--noise", "drawn", "-s", "7"});
  EXPECT_TRUE(close(drawn, folder.tensors("vary", {a, "-s", "7"}).tensor("image_small"),
                    /*rtol=*/1e-3));
}

TEST(Diff, TellsWhatItLacks) {
  const MixFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  const auto usage = [&](Words words) {
    words.insert(words.begin(), a);
    return usage_error([&] { folder.run("diff", words); });
  };
  const Words texts = {"--from", "a fox", "--to", "red"};
  const auto with = [&](const Words& more) {
    auto all = texts;
    all.insert(all.end(), more.begin(), more.end());
    return usage(all);
  };
  EXPECT_EQ(usage({"--to", "red"}), "diff: expected --from TEXT");
  EXPECT_EQ(usage({"--from", "red"}), "diff: expected --to TEXT");
  EXPECT_EQ(with({"--theta", "0.2..0.5"}), "--theta A..B: expected --frames N");
  EXPECT_NE(with({"--theta", "1.5"}).find("--theta: expected"), std::string::npos);
  EXPECT_NE(with({"--theta", "0..0.5..1"}).find("T or A..B"), std::string::npos);
  EXPECT_NE(with({"another"}).find("one image"), std::string::npos);
  EXPECT_NE(error_of([&] {
              folder.run("diff", {a, "--from", "red", "--to", "red"});
            }).find("have the same embedding"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              folder.run("diff", {folder.two(), "--from", "red", "--to", "fox"});
            }).find("two.npy: expected one embedding, found 2"),
            std::string::npos);
}

}  // namespace
}  // namespace unclip::cli
