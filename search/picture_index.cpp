#include "search/picture_index.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/config.h"
#include "base/error.h"
#include "image/picture_file.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

bool lies_within(const fs::path& path) {
  return path.is_relative() && path.has_filename() &&
         std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

/// The tensor `key`, (N) int64, as numbers.
at::Tensor numbers(const Checkpoint& file, const char* key, int64_t rows) {
  if (!file.has(key)) fail(file.name(), ": '", key, "' is missing; is it an index of images?");
  const auto x = file.tensor(key);
  if (x.scalar_type() == at::kLong && x.dim() == 1 && x.size(0) == rows) return x;
  fail(file.name(), ": '", key, "': expected Long [", rows, "], got ", x.scalar_type(), " ",
       x.sizes());
}

std::vector<FoundPicture> pictures_in(const Checkpoint& file, const Embeddings& embeddings) {
  const auto sizes = numbers(file, "picture_size", embeddings.rows());
  const auto mtimes = numbers(file, "picture_mtime", embeddings.rows());
  std::vector<FoundPicture> pictures;
  std::unordered_set<std::string> seen;
  for (const auto& origin : embeddings.origins) {
    const auto row = pictures.size();
    if (!lies_within(origin.path)) {
      fail(file.name(), ": row ", row, ": 'path': expected a path within the folder, got '",
           shown(origin.path), "'");
    }
    if (!seen.insert(origin.path).second) {
      fail(file.name(), ": row ", row, ": 'path': '", shown(origin.path), "' has a row already");
    }
    pictures.push_back({.path = origin.path,
                        .size = sizes.const_data_ptr<int64_t>()[row],
                        .mtime = mtimes.const_data_ptr<int64_t>()[row]});
  }
  return pictures;
}

/// The files that are listed under `key` of the metadata.
std::vector<FoundPicture> files_in(const Checkpoint& file, const std::string& key) {
  const auto metadata = file.metadata();
  const auto text = metadata.find(key);
  if (text == metadata.end()) return {};
  // Config limits the depth and the size of untrusted JSON.
  const auto config =
      Config::parse("{\"" + key + "\": " + text->second + "}", file.name() + ": metadata");
  std::vector<FoundPicture> pictures;
  const auto& all = config.json().at(key);
  for (const auto& each : all.is_array() ? all : nlohmann::json::array({nullptr})) {
    const auto is = [&](const char* name, auto type) {
      return each.is_object() && each.contains(name) && (each.at(name).*type)();
    };
    using Json = nlohmann::json;
    if (!is("path", &Json::is_string) || !is("size", &Json::is_number_integer) ||
        !is("mtime", &Json::is_number_integer)) {
      fail(file.name(), ": metadata: '", key,
           "': expected a JSON array of objects with 'path', 'size' and 'mtime'");
    }
    pictures.push_back({each.at("path"), each.at("size"), each.at("mtime")});
  }
  return pictures;
}

GraphOptions graph_options_in(const Checkpoint& file) {
  const auto metadata = file.metadata();
  const auto text = metadata.find("graph_options");
  if (text == metadata.end()) return {};
  return read_graph_options(Config::parse(text->second, file.name() + ": 'graph_options'"));
}

/// Reads the copies and the graph, which depends on them.
void read_graph(const Checkpoint& file, PictureIndex& index) {
  index.graph_options = graph_options_in(file);
  if (!file.has("copy_of")) {
    index.copies = find_copies(index.embeddings.image_embedding);
    return;
  }
  index.copies = read_copies(file, index.rows());
  index.graph = graph_in(file, static_cast<int64_t>(index.copies.distinct().size()));
  if (index.graph.defined()) index.graph_options.m = index.graph.m();
}

std::string json_of(const std::vector<FoundPicture>& pictures) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& picture : pictures) {
    json.push_back({{"path", picture.path}, {"size", picture.size}, {"mtime", picture.mtime}});
  }
  return json.dump();
}

}  // namespace

fs::path index_of(const fs::path& folder) { return folder / ".unclip-index.safetensors"; }

PictureIndex read_index(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) fail(path, ": expected an index, which is a file");
  expect_no_image(read_magic_bytes(path), path.string());
  return index_in(Checkpoint::open(path));
}

PictureIndex index_in(const Checkpoint& file) {
  PictureIndex index;
  index.embeddings = embeddings_in(file);
  auto& embeddings = index.embeddings;
  if (!embeddings.image_embedding.defined()) {
    fail(file.name(), ": 'image_embedding' is missing; is it an index of images?");
  }
  embeddings.text_embedding = at::Tensor();
  index.pictures = pictures_in(file, embeddings);
  if (file.has("provenance")) index.provenance = provenance_in(file, index.rows());
  index.unreadable = files_in(file, "unreadable");
  index.removed = files_in(file, "removed");
  read_graph(file, index);
  return index;
}

void write_index(const fs::path& path, const PictureIndex& index) {
  if (index.rows() == 0) fail(path, ": an index without rows cannot be written");
  auto tensors = named(index.graph);
  auto sizes = ops::empty({index.rows()}, at::kLong), mtimes = ops::empty_like(sizes);
  for (int64_t row = 0; row < index.rows(); ++row) {
    const auto& picture = index.pictures[static_cast<size_t>(row)];
    sizes.data_ptr<int64_t>()[row] = picture.size;
    mtimes.data_ptr<int64_t>()[row] = picture.mtime;
  }
  tensors["picture_size"] = sizes;
  tensors["picture_mtime"] = mtimes;
  if (index.copies.rows() == index.rows()) tensors["copy_of"] = copies_tensor(index.copies);
  if (!index.provenance.empty()) tensors["provenance"] = provenance_tensor(index.provenance);
  const auto bytes = embedding_bytes(index.embeddings, std::move(tensors),
                                     {{"unreadable", json_of(index.unreadable)},
                                      {"removed", json_of(index.removed)},
                                      {"graph_options", graph_options_text(index.graph_options)}});
  write_file(path, bytes, WriteMode::kOverwrite);
}

void keep_rows(PictureIndex& index, const std::vector<int64_t>& rows) {
  std::vector<FoundPicture> pictures;
  std::vector<Provenance> provenance;
  for (const auto row : rows) {
    pictures.push_back(index.pictures[static_cast<size_t>(row)]);
    if (!index.provenance.empty()) {
      provenance.push_back(index.provenance[static_cast<size_t>(row)]);
    }
  }
  const auto groups = kept_groups(index.copies, rows);
  const bool most = 4 * static_cast<int64_t>(groups.size()) >= 3 * index.graph.rows();
  index.graph = index.graph.defined() && most && !groups.empty() ? graph_of(index.graph, groups)
                                                                 : GraphTensors();
  index.copies = select_copies(index.copies, rows);
  index.embeddings = index.embeddings.select(rows);
  index.pictures = std::move(pictures);
  index.provenance = std::move(provenance);
}

void remove_rows(PictureIndex& index, const std::vector<std::string>& paths) {
  std::unordered_set<std::string> left(paths.begin(), paths.end());
  std::vector<int64_t> kept;
  std::vector<FoundPicture> removed;
  for (int64_t row = 0; row < index.rows(); ++row) {
    const auto& picture = index.pictures[static_cast<size_t>(row)];
    if (left.erase(picture.path) > 0) {
      removed.push_back(picture);
    } else {
      kept.push_back(row);
    }
  }
  for (const auto& path : paths) {
    if (left.contains(path)) fail("'", shown(path), "': the index has no image of this name");
  }
  if (kept.empty()) fail("this would remove all ", index.rows(), " images of the index");
  keep_rows(index, kept);
  index.removed.insert(index.removed.end(), removed.begin(), removed.end());
}

}  // namespace unclip
