#include "embedding/start_noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "embedding/embeddings.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"
#include "weights/npy.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_text;

const auto kName = "x.safetensors";

/// The file's error less its name.
std::string error_in(const std::map<std::string, at::Tensor>& tensors,
                     const std::map<std::string, std::string>& metadata = {}) {
  const TemporaryFolder folder;
  write_text(folder / kName, safetensors_bytes(kName, tensors, metadata));
  const auto error = error_of([&] { read_start_noise(folder / kName); });
  return error.substr(std::min(error.size(), (folder / kName).string().size()));
}

TEST(StartNoise, GoesThroughAFileWithItsWalk) {
  const TemporaryFolder folder;
  const Embeddings rows{.image_embedding = at::ones({2, 4}),
                        .origins = std::vector<Origin>(2),
                        .start = {.x_T = at::randn({2, 3, 8, 8}), .walk = ddim_walk(70)}};
  write_embeddings(folder / kName, rows, WriteMode::kOverwrite);
  const auto read = read_start_noise(folder / kName);
  EXPECT_TRUE(at::equal(read.x_T, rows.start.x_T));
  ASSERT_TRUE(read.walk);
  EXPECT_EQ(read.walk->sampler, "ddim");
  EXPECT_EQ(read.walk->steps, 70);
  EXPECT_EQ(read.walk->clip, false);
}

TEST(StartNoise, MayBeAnArrayOfOneOrMore) {
  const TemporaryFolder folder;
  const auto x_T = at::randn({3, 8, 8});
  write_text(folder / "x.npy", npy_bytes(x_T));
  const auto read = read_start_noise(folder / "x.npy");
  EXPECT_TRUE(at::equal(read.x_T, x_T.unsqueeze(0)));
  EXPECT_FALSE(read.walk);
}

TEST(StartNoise, DoesNotFitIntoAnArrayBesideAnEmbedding) {
  const Embeddings rows{.image_embedding = at::ones({1, 4}),
                        .origins = std::vector<Origin>(1),
                        .start = {.x_T = at::randn({1, 3, 8, 8}), .walk = {}}};
  EXPECT_TRUE(mentions(error_of([&] { write_embeddings("x.npy", rows, WriteMode::kOverwrite); }),
                       {"x.npy", "expected", ".safetensors", "embeddings and noise"}));
}

TEST(StartNoise, IsRefusedWhereItCannotBeOne) {
  const auto x_T = at::zeros({1, 3, 8, 8});
  EXPECT_TRUE(mentions(error_in({{"image_embedding", at::ones({1, 4})}}),
                       {"expected 'x_T'", "unclip invert"}));
  EXPECT_TRUE(mentions(error_in({{"x_T", at::zeros({3, 8})}}),
                       {"x_T", "expected", "(N, C, h, w)", "found", "[3, 8]"}));
  EXPECT_EQ(error_in({{"x_T", at::full({1, 3, 8, 8}, NAN)}}),
            ": x_T has a number that is not finite");
  const auto walk = [&](const std::string& text) {
    return error_in({{"x_T", x_T}}, {{"walk", text}});
  };
  EXPECT_NE(walk("{").find("'walk' of its metadata"), std::string::npos);
  EXPECT_NE(walk(R"({"sampler": "euler"})").find("got \"euler\""), std::string::npos);
  EXPECT_NE(walk(R"({"steps": 0})").find("'steps': expected"), std::string::npos);
  EXPECT_NE(walk(R"({"steps": 1e30})").find("got 1e+30"), std::string::npos);
  EXPECT_EQ(error_in({{"x_T", x_T}, {"image_embedding", at::ones({2, 4})}}), "");
}

TEST(StartNoise, HasARowForEachEmbedding) {
  const auto bytes = safetensors_bytes(
      kName, {{"x_T", at::zeros({1, 3, 8, 8})}, {"image_embedding", at::ones({2, 4})}});
  EXPECT_EQ(error_of([&] { parse_embeddings(bytes, "x"); }),
            "x: 'x_T' has 1 rows, the embeddings 2");
}

}  // namespace
}  // namespace unclip
