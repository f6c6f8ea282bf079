#include "weights/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/hub_path.h"
#include "base/presence.h"
#include "kernels/tensor.h"
#include "weights/scalar_type.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

bool is_pickle(const fs::path& file) {
  const auto extension = file.extension();
  return extension == ".bin" || extension == ".ckpt" || extension == ".pt" || extension == ".pth" ||
         extension == ".th";
}

// Throws an Error that names what the folder holds in place of the weights.
[[noreturn]] void fail_without_weights(const fs::path& folder, const std::string& stem) {
  std::vector<std::string> pickles, others;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder, error)) {
    const auto name = file.path().filename();
    if (is_pickle(name)) pickles.push_back(shown(name.string()));
    if (name.extension() == ".safetensors") others.push_back(shown(name.string()));
  }
  std::sort(pickles.begin(), pickles.end());
  std::sort(others.begin(), others.end());
  const auto expected = stem + ".safetensors";
  const auto hint = incomplete_download_hint(folder);
  if (!others.empty()) fail(folder, ": expected ", expected, ", found only ", others[0], hint);
  if (!pickles.empty()) {
    fail(folder, ": expected ", expected, ", found only ", pickles[0],
         ", a pickle, and pickles are not read", hint);
  }
  fail(folder, ": expected ", expected, ", found no weights", hint);
}

// Throws Error unless the shard is in the folder of its index.
void check_shard_name(const fs::path& index, const std::string& name) {
  const bool plain = name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
  if (!plain || !name.ends_with(".safetensors") || name.starts_with('.')) {
    fail(index, ": expected the name of a .safetensors file in the same folder as a shard, got '",
         shown(name), "'");
  }
}

// tensor -> shard
std::map<std::string, std::string> read_weight_map(const fs::path& path) {
  const auto index = Config::read(path);
  if (!index.has("weight_map")) fail(path, ": 'weight_map': expected an object, got nothing");
  const auto& json = index.json().at("weight_map");
  if (!json.is_object()) fail(path, ": 'weight_map': expected an object, got ", json.type_name());
  std::map<std::string, std::string> map;
  for (const auto& [tensor, shard] : json.items()) {
    if (!shard.is_string()) {
      fail(path, ": tensor '", shown(tensor), "': expected the name of its shard, got ",
           shard.type_name());
    }
    map[tensor] = shard.get<std::string>();
    check_shard_name(path, map[tensor]);
  }
  return map;
}

}  // namespace

Checkpoint Checkpoint::open(const fs::path& where, const std::string& stem) {
  std::error_code error;
  if (!fs::is_directory(where, error)) {
    if (is_pickle(where)) fail(where, ": is a pickle, and pickles are not read");
    return where.extension() == ".json" ? open_index(where) : open_file(where);
  }
  for (const auto* variant : {"", ".fp16"}) {
    const auto file = where / (stem + variant + ".safetensors");
    if (is_there(file)) return open_file(file);
    const auto index = where / (stem + ".safetensors.index" + variant + ".json");
    if (is_there(index)) return open_index(index);
  }
  fail_without_weights(where, stem);
}

Checkpoint Checkpoint::from_bytes(std::string_view bytes, const std::string& name) {
  Checkpoint checkpoint;
  checkpoint.name_ = name;
  checkpoint.add(SafetensorsFile::from_bytes(bytes, name));
  return checkpoint;
}

Checkpoint Checkpoint::open_file(const fs::path& path) {
  Checkpoint checkpoint;
  checkpoint.name_ = path.string();
  checkpoint.add(SafetensorsFile::open(path));
  return checkpoint;
}

Checkpoint Checkpoint::open_index(const fs::path& path) {
  const auto weight_map = read_weight_map(path);
  std::map<std::string, std::shared_ptr<const SafetensorsFile>> shards;
  for (const auto& [tensor, shard] : weight_map) shards[shard];

  Checkpoint checkpoint;
  checkpoint.name_ = path.string();
  for (auto& [name, file] : shards) {
    const auto shard = path.parent_path() / name;
    if (!is_there(shard)) {
      fail(path, ": names the shard '", name, "', which is missing",
           incomplete_download_hint(path));
    }
    file = SafetensorsFile::open(shard);
    for (const auto& entry : file->entries()) {
      const auto listed = weight_map.find(entry.name);
      if (listed == weight_map.end()) {
        fail(shard, ": holds tensor '", shown(entry.name), "', which ", path.filename().string(),
             " does not list");
      }
      if (listed->second != name) {
        fail(shard, ": holds tensor '", shown(entry.name), "', which ", path.filename().string(),
             " lists in '", listed->second, "'");
      }
    }
    checkpoint.add(file);
  }
  for (const auto& [tensor, shard] : weight_map) {
    if (!checkpoint.has(tensor)) {
      fail(path, ": lists tensor '", shown(tensor), "' in '", shard, "', which lacks it");
    }
  }
  return checkpoint;
}

void Checkpoint::add(std::shared_ptr<const SafetensorsFile> file) {
  for (const auto& entry : file->entries()) {
    names_.push_back(entry.name);
    tensors_[entry.name] = {file, &entry};
  }
  opened_.push_back(std::move(file));
}

const Checkpoint::Place& Checkpoint::place(std::string_view name) const {
  const auto it = tensors_.find(name);
  TORCH_CHECK(it != tensors_.end(), name_, " has no tensor ", name);
  return it->second;
}

const SafetensorsEntry& Checkpoint::entry(std::string_view name) const {
  return *place(name).entry;
}

std::vector<fs::path> Checkpoint::files() const {
  std::vector<fs::path> paths;
  for (const auto& file : opened_) paths.push_back(file->path());
  return paths;
}

std::map<std::string, std::string> Checkpoint::metadata() const {
  std::map<std::string, std::string> all;
  for (const auto& file : opened_) all.insert(file->metadata().begin(), file->metadata().end());
  return all;
}

at::Tensor Checkpoint::tensor(std::string_view name) const {
  const auto& [file, entry] = place(name);
  const auto type = scalar_type(entry->dtype);
  if (!type) {
    fail(file->path(), ": tensor '", shown(name), "': expected one of ", implemented_dtypes(),
         ", got ", dtype_name(entry->dtype));
  }
  // A C++ bool that is neither 0 nor 1 is undefined behaviour, so bools are read as bytes.
  const auto stored = *type == at::kBool ? at::kByte : *type;
  const auto options = at::TensorOptions(stored);
  if (entry->numel() == 0) return ops::empty(entry->shape, at::TensorOptions(*type));

  auto* bytes = file->data(*entry);
  if (reinterpret_cast<uintptr_t>(bytes) % c10::elementSize(stored) != 0) {
    auto copy = ops::empty(entry->shape, options);
    std::memcpy(copy.data_ptr(), bytes, copy.nbytes());
    return copy;
  }
  const auto view = ops::from_blob(
      bytes, entry->shape, [owner = file](void*) {}, options);
  return *type == at::kBool ? view.ne(0) : view;
}

void Checkpoint::release(std::string_view name) const {
  const auto& [file, entry] = place(name);
  file->release(*entry);
}

}  // namespace unclip
