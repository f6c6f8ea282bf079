#include "weights/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/hub_path.h"
#include "base/join.h"
#include "base/presence.h"
#include "kernels/tensor.h"
#include "weights/scalar_type.h"
#include "weights/torch_file.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostShards = 4096;

/// A spelling of the weights' file names: STEM.fp16.bin, STEM.bin.index.fp16.json.
struct WeightFiles {
  std::string stem;
  const char* ending;
};

std::vector<WeightFiles> spellings(const std::string& stem) {
  return {{stem, ".safetensors"}, {stem == "model" ? "pytorch_model" : stem, ".bin"}};
}

// Throws an Error that names what the folder holds in place of the weights.
[[noreturn]] void fail_without_weights(const fs::path& folder, const std::string& stem) {
  std::vector<std::string> others;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(folder, error)) {
    const auto name = file.path().filename();
    if (is_torch_name(name) || name.extension() == ".safetensors") {
      others.push_back(shown(name.string()));
    }
  }
  std::sort(others.begin(), others.end());
  std::vector<std::string> expected;
  for (const auto& files : spellings(stem)) expected.push_back(files.stem + files.ending);
  fail(folder, ": expected ", join(expected, " or "), ", found ",
       others.empty() ? "no weights" : "only " + others[0], incomplete_download_hint(folder));
}

// Throws Error unless the shard is in the folder of its index, and of the index's kind.
void check_shard_name(const fs::path& index, const std::string& name) {
  const bool plain = name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
  const auto* ending =
      index.filename().string().find(".bin.index.") == std::string::npos ? ".safetensors" : ".bin";
  if (!plain || !name.ends_with(ending) || name.starts_with('.')) {
    fail(index, ": expected the name of a ", ending, " file in the same folder as a shard, got '",
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
    return where.extension() == ".json" ? open_index(where) : open_file(where);
  }
  for (const auto& [name, ending] : spellings(stem)) {
    for (const std::string variant : {"", ".fp16"}) {
      const auto file = where / (name + variant + ending);
      if (is_there(file)) return open_file(file);
      const auto index = where / (name + ending + ".index" + variant + ".json");
      if (is_there(index)) return open_index(index);
    }
  }
  fail_without_weights(where, stem);
}

Checkpoint Checkpoint::from_bytes(std::string_view bytes, const std::string& name) {
  Checkpoint checkpoint;
  checkpoint.name_ = name;
  checkpoint.add(TensorFile::from_bytes(bytes, name));
  return checkpoint;
}

Checkpoint Checkpoint::open_file(const fs::path& path) {
  Checkpoint checkpoint;
  checkpoint.name_ = path.string();
  checkpoint.add(TensorFile::open(path));
  return checkpoint;
}

Checkpoint Checkpoint::open_index(const fs::path& path) {
  const auto weight_map = read_weight_map(path);
  std::map<std::string, std::shared_ptr<const TensorFile>> shards;
  for (const auto& [tensor, shard] : weight_map) shards[shard];
  if (shards.size() > kMostShards) {
    fail(path, ": 'weight_map': expected at most ", kMostShards, " shards, got ", shards.size());
  }

  Checkpoint checkpoint;
  checkpoint.name_ = path.string();
  for (auto& [name, file] : shards) {
    const auto shard = path.parent_path() / name;
    if (!is_there(shard)) {
      fail(path, ": names the shard '", name, "', which is missing",
           incomplete_download_hint(path));
    }
    file = TensorFile::open(shard);
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

Checkpoint Checkpoint::of_tensors(const std::string& name, std::vector<Placed> tensors) {
  Checkpoint checkpoint;
  checkpoint.name_ = name;
  for (auto& placed : tensors) {
    auto& opened = checkpoint.opened_;
    if (std::find(opened.begin(), opened.end(), placed.file) == opened.end()) {
      opened.push_back(placed.file);
    }
    checkpoint.names_.push_back(placed.entry.name);
    const auto key = placed.entry.name;
    TORCH_CHECK(checkpoint.tensors_.emplace(key, std::move(placed)).second, name,
                " has two tensors ", key);
  }
  return checkpoint;
}

void Checkpoint::add(std::shared_ptr<const TensorFile> file) {
  for (const auto& entry : file->entries()) {
    names_.push_back(entry.name);
    tensors_[entry.name] = {file, entry};
  }
  opened_.push_back(std::move(file));
}

const Checkpoint::Placed& Checkpoint::placed(std::string_view name) const {
  const auto it = tensors_.find(name);
  TORCH_CHECK(it != tensors_.end(), name_, " has no tensor ", name);
  return it->second;
}

const TensorEntry& Checkpoint::entry(std::string_view name) const { return placed(name).entry; }

std::string Checkpoint::format() const {
  std::vector<std::string> formats;
  for (const auto& file : opened_) {
    const bool known = std::find(formats.begin(), formats.end(), file->format()) != formats.end();
    if (!known) formats.push_back(file->format());
  }
  return join(formats, ", ");
}

std::string Checkpoint::instead_of(const std::string& name) const {
  for (const auto& file : opened_) {
    if (const auto it = file->skipped().find(name); it != file->skipped().end()) return it->second;
  }
  return {};
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
  const auto& [file, entry] = placed(name);
  const auto type = scalar_type(entry.dtype);
  if (!type) {
    fail(file->path(), ": tensor '", shown(name), "': expected one of ", implemented_dtypes(),
         ", got ", dtype_name(entry.dtype));
  }
  // A C++ bool that is neither 0 nor 1 is undefined behaviour, so bools are read as bytes.
  const auto stored = *type == at::kBool ? at::kByte : *type;
  const auto options = at::TensorOptions(stored);
  if (entry.numel() == 0) return ops::empty(entry.shape, at::TensorOptions(*type));

  auto* bytes = file->data(entry);
  const auto size = entry.end - entry.begin;
  const auto count = static_cast<int64_t>(size / c10::elementSize(stored));
  at::Tensor flat;  // the elements of the tensor, and those between them
  if (reinterpret_cast<uintptr_t>(bytes) % c10::elementSize(stored) != 0) {
    flat = ops::empty({count}, options);
    std::memcpy(flat.data_ptr(), bytes, size);
  } else {
    flat = ops::from_blob(
        bytes, {count}, [owner = file](void*) {}, options);
  }
  const auto tensor =
      entry.layout
          ? flat.as_strided(entry.layout->sizes, entry.layout->strides).reshape(entry.shape)
          : flat.view(entry.shape);
  const auto contiguous = tensor.contiguous();
  return *type == at::kBool ? contiguous.ne(0) : contiguous;
}

void Checkpoint::release(std::string_view name) const {
  const auto& [file, entry] = placed(name);
  file->release(entry);
}

}  // namespace unclip
