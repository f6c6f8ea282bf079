#include "search/picture_index.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/config.h"
#include "core/error.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

bool lies_within(const fs::path& path) {
  return path.is_relative() && path.has_filename() &&
         std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

/// (N) int64
at::Tensor numbers(const Checkpoint& file, const char* key, int64_t rows) {
  if (!file.has(key)) fail(file.name(), ": '", key, "' is missing; is it an index of pictures?");
  const auto x = file.tensor(key);
  if (x.scalar_type() == at::kLong && x.dim() == 1 && x.size(0) == rows) return x;
  fail(file.name(), ": '", key, "' is ", x.scalar_type(), " ", x.sizes(), "; Long [", rows,
       "] is wanted");
}

std::vector<FoundPicture> pictures_in(const Checkpoint& file, const Embeddings& embeddings) {
  const auto sizes = numbers(file, "picture_size", embeddings.rows());
  const auto mtimes = numbers(file, "picture_mtime", embeddings.rows());
  std::vector<FoundPicture> pictures;
  std::unordered_set<std::string> seen;
  for (const auto& origin : embeddings.origins) {
    const auto row = pictures.size();
    if (!lies_within(origin.path)) {
      fail(file.name(), ": row ", row, ": 'path' is '", shown(origin.path),
           "'; the path of a picture within the folder is wanted");
    }
    if (!seen.insert(origin.path).second) {
      fail(file.name(), ": row ", row, ": '", shown(origin.path), "' stands there twice");
    }
    pictures.push_back({.path = origin.path,
                        .size = sizes.const_data_ptr<int64_t>()[row],
                        .mtime = mtimes.const_data_ptr<int64_t>()[row]});
  }
  return pictures;
}

std::vector<FoundPicture> unreadable_in(const Checkpoint& file) {
  const auto metadata = file.metadata();
  const auto text = metadata.find("unreadable");
  if (text == metadata.end()) return {};
  // Config knows how deep and how wild foreign JSON may be.
  const auto config =
      Config::parse("{\"unreadable\": " + text->second + "}", file.name() + ": metadata");
  std::vector<FoundPicture> pictures;
  const auto& all = config.json().at("unreadable");
  for (const auto& each : all.is_array() ? all : nlohmann::json::array({nullptr})) {
    const auto is = [&](const char* key, auto type) {
      return each.is_object() && each.contains(key) && (each.at(key).*type)();
    };
    using Json = nlohmann::json;
    if (!is("path", &Json::is_string) || !is("size", &Json::is_number_integer) ||
        !is("mtime", &Json::is_number_integer)) {
      fail(file.name(),
           ": 'unreadable' of its metadata is no JSON array of objects with 'path', "
           "'size' and 'mtime'");
    }
    pictures.push_back({each.at("path"), each.at("size"), each.at("mtime")});
  }
  return pictures;
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
  if (!fs::is_regular_file(path, ignored)) fail(path, ": is no file; an index is wanted");
  const auto file = Checkpoint::open(path);
  PictureIndex index{
      .embeddings = embeddings_in(file), .pictures = {}, .unreadable = {}, .graph = {}};
  auto& embeddings = index.embeddings;
  if (!embeddings.image_embedding.defined()) {
    fail(path, ": holds no 'image_embedding'; is it an index of pictures?");
  }
  embeddings.text_embedding = at::Tensor();
  index.pictures = pictures_in(file, embeddings);
  index.unreadable = unreadable_in(file);
  index.graph = graph_in(file, index.rows());
  return index;
}

void write_index(const fs::path& path, const PictureIndex& index) {
  auto tensors = named(index.graph);
  auto sizes = at::empty({index.rows()}, at::kLong), mtimes = at::empty_like(sizes);
  for (int64_t row = 0; row < index.rows(); ++row) {
    const auto& picture = index.pictures[static_cast<size_t>(row)];
    sizes.data_ptr<int64_t>()[row] = picture.size;
    mtimes.data_ptr<int64_t>()[row] = picture.mtime;
  }
  tensors["picture_size"] = sizes;
  tensors["picture_mtime"] = mtimes;
  const auto bytes = embedding_bytes(index.embeddings, std::move(tensors),
                                     {{"unreadable", json_of(index.unreadable)}});
  write_file(path, bytes, WriteMode::kOverwrite);
}

}  // namespace unclip
