#include "search/picture_index.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "search/nearest.h"
#include "search/neighbour_graph.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

PictureIndex some_index(int64_t rows = 3) {
  PictureIndex index;
  index.embeddings = {.model_name = "tiny", .model_hash = "abc"};
  index.embeddings.image_embedding = at::randn({rows, 4});
  for (int64_t i = 0; i < rows; ++i) {
    index.pictures.push_back({.path = "sub/" + std::to_string(i) + ".png", .size = i, .mtime = -i});
    index.embeddings.origins.push_back({.path = index.pictures.back().path});
  }
  index.unreadable = {{.path = "bad.png", .size = 1, .mtime = 1'700'000'000'123'456'789}};
  index.removed = {{.path = "dull.png", .size = 2, .mtime = 3}};
  index.provenance.resize(static_cast<size_t>(rows));
  index.provenance.back() = {.prompt = "a \"red\" b\u00e4ll", .seed = UINT64_MAX, .model = "tiny"};
  index.copies = find_copies(index.embeddings.image_embedding);
  return index;
}

/// With copies of its first two rows in the last two, and a graph.
PictureIndex some_linked_index(int64_t rows) {
  auto index = some_index(rows);
  auto& x = index.embeddings.image_embedding;
  x.narrow(0, rows - 2, 2).copy_(x.narrow(0, 0, 2));
  index.copies = find_copies(x);
  index.graph_options = {.m = 8, .ef_construction = 50, .from = 10};
  index.graph = link_rows(x.narrow(0, 0, rows - 2), index.graph_options);
  return index;
}

TEST(PictureIndex, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const auto index = some_linked_index(200);
  const auto file = index_of(folder.path());
  write_index(file, index);
  const auto read = read_index(file);
  EXPECT_EQ(read.pictures, index.pictures);
  EXPECT_EQ(read.unreadable, index.unreadable);
  EXPECT_EQ(read.removed, index.removed);
  EXPECT_EQ(read.provenance, index.provenance);
  EXPECT_EQ(read.copies.first, index.copies.first);
  EXPECT_EQ(read.copies.first[198], 0);
  EXPECT_EQ(read.graph_options, index.graph_options);
  EXPECT_TRUE(at::equal(read.embeddings.image_embedding, index.embeddings.image_embedding));
  EXPECT_EQ(read.embeddings.model_hash, "abc");
  EXPECT_TRUE(at::equal(read.graph.links, index.graph.links));
  EXPECT_TRUE(at::equal(read.graph.upper, index.graph.upper));
  EXPECT_EQ(read.graph.entry, index.graph.entry);
}

TEST(PictureIndex, IsAnEmbeddingFile) {
  const TemporaryFolder folder;
  write_index(folder / "x.safetensors", some_index());
  const auto rows = read_embeddings(folder / "x.safetensors");
  EXPECT_EQ(rows.rows(), 3);
  EXPECT_EQ(rows.origins[2].path, "sub/2.png");
}

/// The message about a file whose tensors and metadata `change` has forged.
using Tensors = std::map<std::string, at::Tensor>;
using Metadata = std::map<std::string, std::string>;
std::string refusal(const std::function<void(Tensors&, Metadata&)>& change, int64_t rows = 40) {
  const TemporaryFolder folder;
  const auto name = folder / "x.safetensors";
  write_index(name, some_linked_index(rows));
  Tensors tensors;
  Metadata metadata;
  {
    const auto file = Checkpoint::open(name);
    for (const auto& key : file.names()) tensors[key] = file.tensor(key).clone();
    metadata = file.metadata();
  }
  change(tensors, metadata);
  write_safetensors(name, tensors, metadata);
  const auto message = error_of([&] { read_index(name); });
  EXPECT_TRUE(message.starts_with(name.string())) << message;
  EXPECT_EQ(message.find('\n'), message.npos) << message;
  return message.substr(std::min(message.size(), name.string().size()));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

at::Tensor bytes_of(const std::string& text) {
  auto bytes = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::copy(text.begin(), text.end(), bytes.data_ptr<uint8_t>());
  return bytes;
}

TEST(PictureIndex, RefusesForgedRows) {
  const auto path = [](const std::string& text) {
    return refusal(
        [&](Tensors&, Metadata& metadata) {
          metadata["rows"] =
              R"([{"path": "a"}, {"path": "c"}, {"path": "d"}, {"path": "e"}, )" + text + "]";
        },
        5);
  };
  EXPECT_TRUE(has(path(R"({"path": "../b"})"), "row 4: 'path': expected"));
  EXPECT_TRUE(has(path(R"({"path": "/b"})"), "got '/b'"));
  EXPECT_TRUE(has(path(R"({})"), "got ''"));
  EXPECT_TRUE(has(path(R"({"path": "a"})"), "row 4: 'path': 'a' has a row already"));
  EXPECT_TRUE(has(path(R"({"path": "x"}, {"path": "y"})"), "of 5 objects"));
}

TEST(PictureIndex, RefusesForgedTensors) {
  const auto with = [](const char* key, const at::Tensor& x) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors[key] = x; });
  };
  EXPECT_TRUE(has(with("picture_size", at::zeros({39}, at::kLong)),
                  "'picture_size': expected Long [40], got Long [39]"));
  EXPECT_TRUE(has(with("picture_mtime", at::zeros({40})),
                  "'picture_mtime': expected Long [40], got Float [40]"));
  EXPECT_TRUE(has(with("image_embedding", at::zeros({40, 4})), "is zero"));
  const auto without = [](const char* key) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors.erase(key); });
  };
  EXPECT_TRUE(has(without("picture_size"), "'picture_size' is missing"));
  EXPECT_TRUE(has(without("graph_levels"), "graph_levels"));
  EXPECT_TRUE(has(without("image_embedding"), "is it an embedding file?"));
  EXPECT_TRUE(has(with("copy_of", at::zeros({39}, at::kInt)), "'copy_of': expected Int [40]"));
  EXPECT_TRUE(has(with("copy_of", at::zeros({40}, at::kLong)), "got Long [40]"));
  EXPECT_TRUE(has(with("copy_of", at::zeros({40}, at::kInt)), "graph_"));  // one group, 38 nodes
  EXPECT_TRUE(has(with("provenance", at::zeros({40})), "'provenance': expected bytes"));
  EXPECT_TRUE(has(with("provenance", bytes_of("[]")), "array of 40 objects"));
  EXPECT_TRUE(has(with("provenance", bytes_of("{}")), "got object"));
  EXPECT_TRUE(has(with("provenance", bytes_of("[\xff")), "'provenance'"));
  EXPECT_TRUE(has(with("graph_links", at::zeros({38, 15}, at::kInt)), "an even number, got 15"));
  EXPECT_TRUE(has(with("graph_links", at::zeros({38, 1000}, at::kInt)), "4 to 256"));
  EXPECT_TRUE(has(with("graph_links", at::zeros({38}, at::kInt)), "got 0"));
  EXPECT_TRUE(has(with("graph_links", at::zeros({40, 16}, at::kInt)), "expected Int of 38 rows"));
}

TEST(PictureIndex, RefusesForgedCopies) {
  for (const int64_t to : {int64_t{-1}, int64_t{8}, int64_t{40}, int64_t{39}}) {
    EXPECT_TRUE(has(refusal([&](Tensors& tensors, Metadata&) { tensors["copy_of"][7] = to; }),
                    "row 7 of 'copy_of': expected the first row of its group, got "))
        << to;
  }
  const auto chain = refusal([&](Tensors& tensors, Metadata&) {
    tensors["copy_of"][7] = 6;
    tensors["copy_of"][8] = 7;
  });
  EXPECT_TRUE(has(chain, "row 8 of 'copy_of'")) << chain;
}

TEST(PictureIndex, RefusesForgedGraphOptions) {
  for (const auto* text : {R"({"m": 1})", R"({"m": 1000})", R"({"ef_construction": 0})",
                           R"({"from": -1})", R"({"m": "16"})", "[]", "{"}) {
    const auto message =
        refusal([&](Tensors&, Metadata& metadata) { metadata["graph_options"] = text; });
    EXPECT_TRUE(has(message, "graph_options")) << text << message;
  }
}

/// An index as unclip wrote it before copies and provenance were kept.
TEST(PictureIndex, OfAnEarlierVersionIsReadWithoutItsGraph) {
  const TemporaryFolder folder;
  const auto name = folder / "x.safetensors";
  auto index = some_linked_index(40);
  index.graph = link_rows(index.embeddings.image_embedding);
  index.copies = {};
  index.provenance.clear();
  write_index(name, index);
  const auto read = read_index(name);
  EXPECT_EQ(read.pictures, index.pictures);
  EXPECT_FALSE(read.graph.defined());
  EXPECT_EQ(read.copies.distinct().size(), 38u);
  EXPECT_TRUE(read.provenance.empty());
}

/// Whatever bytes change, the file is refused by an Error or read whole.
TEST(PictureIndex, SurvivesAnyBytes) {
  const TemporaryFolder folder;
  const auto name = folder / "x.safetensors";
  write_index(name, some_linked_index(12));
  const auto bytes = read_text(name);
  std::mt19937 random(1);
  const auto below = [&](size_t most) { return random() % most; };
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    auto forged = bytes;
    for (size_t k = 0; k <= below(3); ++k)
      forged[below(bytes.size())] = static_cast<char>(random());
    write_text(name, forged);
    PictureIndex read;
    const auto error = error_of([&] { read = read_index(name); });
    refused += !error.empty();
    if (!error.empty()) continue;
    ASSERT_EQ(read.copies.rows(), read.rows());
    nearest_pictures(at::ones({1, read.embeddings.width()}), read, {.count = 3});
  }
  EXPECT_GT(refused, 200);
  EXPECT_LT(refused, 1900);
}

TEST(RemoveRows, KeepsTheOthersAndTheirGraph) {
  auto index = some_linked_index(40);
  const auto before = index;
  remove_rows(index, {"sub/0.png", "sub/7.png"});
  EXPECT_EQ(index.rows(), 38);
  EXPECT_EQ(index.removed.size(), 3u);
  EXPECT_EQ(index.removed[1].path, "sub/0.png");
  EXPECT_EQ(index.graph.rows(), 37);  // a copy of sub/0.png is left
  EXPECT_EQ(index.copies.distinct().size(), 37u);
  EXPECT_EQ(index.provenance.back(), before.provenance.back());
  const auto found =
      nearest_pictures(before.embeddings.image_embedding.narrow(0, 0, 1), index, {.count = 1})[0];
  EXPECT_EQ(index.pictures[static_cast<size_t>(found[0].row)].path, "sub/38.png");
}

TEST(RemoveRows, RefusesUnknownNamesAndTheLastRow) {
  auto index = some_index(2);
  EXPECT_TRUE(has(error_of([&] { remove_rows(index, {"sub/0.png", "x.png"}); }), "'x.png'"));
  EXPECT_EQ(index.rows(), 2);
  EXPECT_TRUE(has(error_of([&] {
                    remove_rows(index, {"sub/0.png", "sub/1.png"});
                  }),
                  "all 2 images"));
  EXPECT_EQ(index.rows(), 2);
}

TEST(PictureIndex, RefusesForgedListsOfFiles) {
  for (const auto* text : {"{}", "[1]", R"([{"path": "a"}])", "3", "null",
                           R"([{"path": "a", "size": "1", "mtime": 2}])"}) {
    for (const std::string key : {"unreadable", "removed"}) {
      EXPECT_TRUE(has(refusal([&](Tensors&, Metadata& metadata) { metadata[key] = text; }),
                      "'" + key + "': expected a JSON array"))
          << text;
    }
  }
  EXPECT_TRUE(testing::mentions(
      refusal([&](Tensors&, Metadata& metadata) { metadata["unreadable"] = "[["; }),
      {"metadata", "JSON"}));
}

TEST(PictureIndex, RefusesAGraphThatLeadsAstray) {
  const auto link = [](int64_t row, int64_t column, int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_links"][row][column] = to; });
  };
  EXPECT_TRUE(has(link(7, 0, 40),
                  "row 7 of its graph: expected links to other rows of layer 0, then -1, got 40"));
  EXPECT_TRUE(has(link(7, 0, -2), "got -2"));
  EXPECT_TRUE(has(link(7, 1, 7), "got 7"));
  EXPECT_TRUE(has(link(7, 0, -1), "row 7"));  // others stand behind it
  const auto level = [](int64_t row, int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_levels"][row] = to; });
  };
  EXPECT_TRUE(has(level(3, -1), "row 3 of 'graph_levels': expected 0 to 64, got -1"));
  EXPECT_TRUE(has(level(3, 65), "got 65"));
  EXPECT_TRUE(has(level(3, 60), "graph_"));
  const auto entry = [](int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_entry"][0] = to; });
  };
  EXPECT_TRUE(has(entry(40), "got 40"));
  EXPECT_TRUE(has(entry(-1), "got -1"));
}

TEST(PictureIndex, RefusesALinkToARowThatIsNotOnTheLayer) {
  EXPECT_TRUE(has(refusal(
                      [](Tensors& tensors, Metadata&) {
                        const auto low = tensors["graph_levels"].eq(0).nonzero()[0][0];
                        tensors["graph_upper"][0][0] = low.to(at::kInt);
                      },
                      400),
                  "other rows of layer 1"));
}

TEST(PictureIndex, RefusesWhatIsNotWhole) {
  const TemporaryFolder folder;
  const auto name = folder / "x.safetensors";
  write_index(name, some_index());
  const auto bytes = read_text(name);
  for (const size_t size : {size_t{0}, size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    write_text(name, bytes.substr(0, size));
    EXPECT_TRUE(error_of([&] { read_index(name); }).starts_with(name.string())) << size;
  }
  fs::remove(name);
  EXPECT_EQ(error_of([&] { read_index(name); }),
            name.string() + ": expected an index, which is a file");
}

}  // namespace
}  // namespace unclip
