#include "search/picture_index.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

#include "search/neighbour_graph.h"
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
  return index;
}

TEST(PictureIndex, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  auto index = some_index(200);
  index.graph = link_rows(index.embeddings.image_embedding);
  const auto file = index_of(folder.path());
  write_index(file, index);
  const auto read = read_index(file);
  EXPECT_EQ(read.pictures, index.pictures);
  EXPECT_EQ(read.unreadable, index.unreadable);
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
  auto index = some_index(rows);
  index.graph = link_rows(index.embeddings.image_embedding);
  write_index(name, index);
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

TEST(PictureIndex, RefusesForgedRows) {
  const auto path = [](const std::string& text) {
    return refusal([&](Tensors&, Metadata& metadata) { metadata["rows"] = text; }, 2);
  };
  EXPECT_TRUE(has(path(R"([{"path": "a"}, {"path": "../b"}])"), "row 1: 'path' is '../b'"));
  EXPECT_TRUE(has(path(R"([{"path": "a"}, {"path": "/b"}])"), "row 1: 'path' is '/b'"));
  EXPECT_TRUE(has(path(R"([{"path": "a"}, {}])"), "row 1: 'path' is ''"));
  EXPECT_TRUE(has(path(R"([{"path": "a"}, {"path": "a"}])"), "'a' stands there twice"));
  EXPECT_TRUE(has(path(R"([{"path": "a"}])"), "of 2 objects"));
}

TEST(PictureIndex, RefusesForgedTensors) {
  const auto with = [](const char* key, const at::Tensor& x) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors[key] = x; });
  };
  EXPECT_TRUE(has(with("picture_size", at::zeros({39}, at::kLong)), "'picture_size' is Long [39]"));
  EXPECT_TRUE(has(with("picture_mtime", at::zeros({40})), "'picture_mtime' is Float [40]"));
  EXPECT_TRUE(has(with("image_embedding", at::zeros({40, 4})), "is zero"));
  const auto without = [](const char* key) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors.erase(key); });
  };
  EXPECT_TRUE(has(without("picture_size"), "'picture_size' is missing"));
  EXPECT_TRUE(has(without("graph_levels"), "'graph_levels' is missing"));
  EXPECT_TRUE(has(without("image_embedding"), "is it an embedding file?"));
}

TEST(PictureIndex, RefusesForgedUnreadablePictures) {
  for (const auto* text : {"{}", "[1]", R"([{"path": "a"}])", "3", "null",
                           R"([{"path": "a", "size": "1", "mtime": 2}])"}) {
    EXPECT_TRUE(has(refusal([&](Tensors&, Metadata& metadata) { metadata["unreadable"] = text; }),
                    "'unreadable' of its metadata is no JSON array"))
        << text;
  }
  EXPECT_NE(refusal([&](Tensors&, Metadata& metadata) { metadata["unreadable"] = "[["; }), "");
}

TEST(PictureIndex, RefusesAGraphThatLeadsAstray) {
  const auto link = [](int64_t row, int64_t column, int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_links"][row][column] = to; });
  };
  EXPECT_TRUE(has(link(7, 0, 40), "row 7 of its graph has a link to 40 on layer 0"));
  EXPECT_TRUE(has(link(7, 0, -2), "a link to -2"));
  EXPECT_TRUE(has(link(7, 1, 7), "a link to 7"));
  EXPECT_TRUE(has(link(7, 0, -1), "row 7"));  // others stand behind it
  const auto level = [](int64_t row, int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_levels"][row] = to; });
  };
  EXPECT_TRUE(has(level(3, -1), "row 3 of 'graph_levels' is -1"));
  EXPECT_TRUE(has(level(3, 65), "row 3 of 'graph_levels' is 65"));
  EXPECT_TRUE(has(level(3, 60), "graph_"));
  const auto entry = [](int64_t to) {
    return refusal([&](Tensors& tensors, Metadata&) { tensors["graph_entry"][0] = to; });
  };
  EXPECT_TRUE(has(entry(40), "'graph_entry' is 40"));
  EXPECT_TRUE(has(entry(-1), "'graph_entry' is -1"));
}

TEST(PictureIndex, RefusesALinkToARowThatIsNotOnTheLayer) {
  EXPECT_TRUE(has(refusal(
                      [](Tensors& tensors, Metadata&) {
                        const auto low = tensors["graph_levels"].eq(0).nonzero()[0][0];
                        tensors["graph_upper"][0][0] = low.to(at::kInt);
                      },
                      400),
                  "on layer 1"));
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
            name.string() + ": is no file; an index is wanted");
}

}  // namespace
}  // namespace unclip
