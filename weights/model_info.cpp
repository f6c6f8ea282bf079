#include "weights/model_info.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/hub_path.h"
#include "base/json_text.h"
#include "weights/load.h"
#include "weights/model_dir.h"
#include "weights/sha256.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr size_t kEdge = 64 * 1024;

std::vector<fs::path> config_files(const ModelPart& part) {
  std::vector<fs::path> files;
  if (part.original) return files;
  for (const auto& name : part.spec->configs) {
    std::error_code error;
    if (fs::is_regular_file(part.folder / name, error)) files.push_back(part.folder / name);
  }
  return files;
}

void add_file(PartInfo& info, const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  info.files.emplace_back(file, error ? 0 : size);
  info.bytes += info.files.back().second;
}

/// `shares`: other parts are in the same files, so only the part's own tensors count.
void add_weights(PartInfo& info, const Checkpoint& checkpoint, bool shares) {
  uint64_t tensor_bytes = 0;
  for (const auto& file : checkpoint.files()) add_file(info, file);
  info.format = checkpoint.format();
  const auto ignored = LoadOptions{}.ignored_suffixes;
  for (const auto& name : checkpoint.names()) {
    if (std::any_of(ignored.begin(), ignored.end(),
                    [&](const auto& suffix) { return name.ends_with(suffix); })) {
      continue;
    }
    const auto& entry = checkpoint.entry(name);
    info.parameters += entry.numel();
    tensor_bytes += static_cast<uint64_t>(entry.numel()) * dtype_bits(entry.dtype) / 8;
    info.dtypes[std::string(dtype_name(entry.dtype))] += entry.numel();
  }
  if (shares) info.bytes = tensor_bytes;
}

PartInfo describe(const ModelPart& part) {
  PartInfo info;
  info.name = part.spec->name;
  info.class_name = part.class_name;
  info.folder = part.folder;
  info.need = part.trouble;
  try {
    for (const auto& file : config_files(part)) add_file(info, file);
    if (part.trouble.empty() && !part.spec->weights.empty()) {
      add_weights(info, part.weights(), part.original != nullptr);
    }
  } catch (const Error& error) {
    info.need = error.what();
  }
  return info;
}

void label(Sha256& hash, const ModelPart& part, const fs::path& file, uint64_t size) {
  const auto name = part.spec->name + "/" + file.filename().string();
  hash.update(name.c_str(), name.size() + 1);
  hash.update(&size, sizeof size);
}

void hash_config(Sha256& hash, const ModelPart& part, const fs::path& path,
                 const std::string& text) {
  label(hash, part, path, text.size());
  hash.update(text.data(), text.size());
}

void hash_configs(Sha256& hash, const ModelPart& part) {
  for (const auto& file : config_files(part)) hash_config(hash, part, file, file_bytes(file));
  if (!part.original) return;
  hash_config(hash, part, part.spec->configs[0], json_text(part.original->config.json()));
}

void hash_file(Sha256& hash, const ModelPart& part, const TensorFile& file) {
  const auto header = file.header_bytes();
  const auto tensors = file.tensor_bytes();
  const auto edge = std::min(tensors.size(), kEdge);
  label(hash, part, file.path(), header.size() + 2 * edge);
  for (const auto piece : {header, tensors.first(edge), tensors.last(edge)}) {
    hash.update(piece.data(), piece.size());
  }
}

void hash_weights(Sha256& hash, const ModelPart& part) {
  if (part.spec->weights.empty() || !part.trouble.empty()) return;
  std::optional<Checkpoint> checkpoint;
  try {
    checkpoint = part.weights();
  } catch (const Error&) {  // such weights make no image: loading the part throws
    return;
  }
  for (const auto& file : checkpoint->opened()) hash_file(hash, part, *file);
}

}  // namespace

std::vector<PartInfo> part_infos(const ModelDir& model) {
  std::vector<PartInfo> infos;
  auto part = model.parts().begin();
  for (const auto& spec : model.layout().parts) {
    if (part != model.parts().end() && part->spec == &spec) {
      infos.push_back(describe(*part++));
    } else {
      PartInfo missing;
      missing.name = spec.name;
      missing.class_name = spec.classes[0];
      missing.need = "missing; `--part " + spec.name + "=DIR` borrows it from another folder" +
                     incomplete_download_hint(model.path());
      infos.push_back(std::move(missing));
    }
  }
  return infos;
}

std::string model_hash(const ModelDir& model) {
  Sha256 hash;
  for (const auto& part : model.parts()) {
    hash_configs(hash, part);
    hash_weights(hash, part);
  }
  return hash.hex();
}

std::string weights_hash(const ModelDir& model, const std::string& part) {
  for (const auto& each : model.parts()) {
    if (each.spec->name != part || !each.trouble.empty()) continue;
    Sha256 hash;
    hash_weights(hash, each);
    return hash.hex();
  }
  return "";
}

}  // namespace unclip
