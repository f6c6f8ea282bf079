#include "embedding/embeddings.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/weights/files.h"
#include "weights/npy.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

Embeddings three_rows() {
  return {.image_embedding = at::randn({3, 4}),
          .text_embedding = at::randn({3, 4}),
          .origins = {{.path = "fox \xe7\x8b\x90.png"},
                      {.prompt = "a \"red\" fox", .seed = INT64_MAX, .draws = 25},
                      {}},
          .model_name = "tiny",
          .model_hash = "00ff",
          .text_encoder_hash = "01",
          .image_encoder_hash = "02",
          .version = "0.1"};
}

TEST(Embeddings, ComeBackFromAFileAsTheyWere) {
  const TemporaryFolder folder;
  const auto written = three_rows();
  const auto path = write_embeddings(folder / "x.safetensors", written, WriteMode::kNextFreeName);
  const auto read = read_embeddings(path);
  EXPECT_TRUE(at::equal(read.image_embedding, written.image_embedding));
  EXPECT_TRUE(at::equal(read.text_embedding, written.text_embedding));
  EXPECT_EQ(read.origins, written.origins);
  EXPECT_EQ(read.model_name, "tiny");
  EXPECT_EQ(read.model_hash, "00ff");
  EXPECT_EQ(read.text_encoder_hash, "01");
  EXPECT_EQ(read.image_encoder_hash, "02");
  EXPECT_EQ(read.version, "0.1");
}

TEST(SameSpace, IsDecidedByTheTowersThatBothKnow) {
  const Embeddings both{.model_hash = "1", .text_encoder_hash = "a", .image_encoder_hash = "b"};
  const Embeddings text{.model_hash = "2", .text_encoder_hash = "a"};
  EXPECT_TRUE(same_space(both, text));
  EXPECT_FALSE(same_space(both, {.model_hash = "1", .text_encoder_hash = "c"}));
  EXPECT_FALSE(
      same_space(both, {.model_hash = "1", .text_encoder_hash = "a", .image_encoder_hash = "c"}));
}

TEST(SameSpace, IsThatOfOneModelWhereNoTowerIsKnown) {
  EXPECT_TRUE(same_space({.model_hash = "1"}, {.model_hash = "1", .text_encoder_hash = "a"}));
  EXPECT_FALSE(same_space({.model_hash = "1"}, {.model_hash = "2", .text_encoder_hash = "a"}));
}

TEST(Embeddings, OfOneKindAreEnough) {
  auto written = three_rows();
  written.image_embedding = at::Tensor();
  const auto read = parse_embeddings(embedding_bytes(written), "x");
  EXPECT_FALSE(read.image_embedding.defined());
  EXPECT_TRUE(at::equal(read.text_embedding, written.text_embedding));
  EXPECT_EQ(read.width(), 4);
}

TEST(Embeddings, AreReadFromNpyWithoutOrigins) {
  const TemporaryFolder folder;
  const auto row = at::randn({4});
  write_text(folder / "row.npy", npy_bytes(row));
  const auto read = read_embeddings(folder / "row.npy");
  EXPECT_TRUE(at::equal(read.image_embedding, row.view({1, 4})));
  EXPECT_EQ(read.origins, std::vector<Origin>(1));

  auto written = three_rows();
  EXPECT_NE(error_of([&] {
              write_embeddings(folder / "both.npy", written, WriteMode::kNextFreeName);
            }).find("both.npy"),
            std::string::npos);
  written.text_embedding = at::Tensor();
  write_embeddings(folder / "x.npy", written, WriteMode::kNextFreeName);
  EXPECT_TRUE(
      at::equal(read_embeddings(folder / "x.npy").image_embedding, written.image_embedding));
}

TEST(Embeddings, AreNotWrittenIfTheyCouldNotBeRead) {
  const TemporaryFolder folder;
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), 0.F}) {
    for (const auto tensor : {&Embeddings::image_embedding, &Embeddings::text_embedding}) {
      auto rows = three_rows();
      (rows.*tensor)[1].fill_(value);
      EXPECT_NE(error_of([&] { embedding_bytes(rows); }).find("row 1"), std::string::npos);
      (tensor == &Embeddings::image_embedding ? rows.text_embedding : rows.image_embedding) =
          at::Tensor();
      for (const auto* name : {"x.npy", "x.safetensors"}) {
        const auto error =
            error_of([&] { write_embeddings(folder / name, rows, WriteMode::kOverwrite); });
        EXPECT_NE(error.find("row 1"), std::string::npos) << error;
        EXPECT_FALSE(std::filesystem::exists(folder / name));
      }
    }
  }
}

TEST(Embeddings, SelectRowsInAnyOrder) {
  const auto all = three_rows();
  const auto some = all.select({2, 0, 2});
  EXPECT_TRUE(at::equal(some.image_embedding[0], all.image_embedding[2]));
  EXPECT_TRUE(at::equal(some.text_embedding[1], all.text_embedding[0]));
  EXPECT_EQ(some.origins[1], all.origins[0]);
  EXPECT_EQ(some.rows(), 3);
}

TEST(Embeddings, OfAForeignFileAreNotTrusted) {
  const auto x = at::ones({2, 4});
  const auto file = [](const std::map<std::string, at::Tensor>& tensors, const std::string& rows) {
    return safetensors_bytes("x", tensors, {{"rows", rows}});
  };
  const auto with = [&](float value) {
    auto changed = x.clone();
    changed[1].fill_(value);
    return changed;
  };
  std::string deep(100'000, '[');
  for (const auto& bytes : std::vector<std::string>{
           "",
           "no embeddings",
           "\x93NUMPY",
           file({}, ""),
           file({{"other", x}}, ""),
           file({{"image_embedding", with(std::numeric_limits<float>::quiet_NaN())}}, ""),
           file({{"image_embedding", with(std::numeric_limits<float>::infinity())}}, ""),
           file({{"image_embedding", with(0)}}, ""),
           file({{"image_embedding", x.to(at::kLong)}}, ""),
           file({{"image_embedding", at::ones({2, 2, 2})}}, ""),
           file({{"image_embedding", at::ones({0, 4})}}, ""),
           file({{"image_embedding", at::ones({2, 0})}}, ""),
           file({{"image_embedding", x}, {"text_embedding", at::ones({2, 5})}}, ""),
           file({{"image_embedding", x}}, "nonsense"),
           file({{"image_embedding", x}}, "[]"),
           file({{"image_embedding", x}}, "[{}, 3]"),
           file({{"image_embedding", x}}, deep),
           file({{"image_embedding", x}}, R"([{}, {"seed": -1}])"),
           file({{"image_embedding", x}}, R"([{}, {"seed": 18446744073709551616}])"),
           file({{"image_embedding", x}}, R"([{}, {"draws": 1e9}])"),
           file({{"image_embedding", x}}, R"([{}, {"path": 7}])")}) {
    const auto message = error_of([&] { parse_embeddings(bytes, "x.safetensors"); });
    EXPECT_EQ(message.find("x.safetensors"), 0U) << message << " of " << bytes.substr(0, 200);
  }
  const auto message = error_of([&] {
    parse_embeddings(file({{"image_embedding", with(0)}}, ""), "x.safetensors");
  });
  EXPECT_EQ(message, "x.safetensors: row 1 of 'image_embedding' is zero");
}

}  // namespace
}  // namespace unclip
