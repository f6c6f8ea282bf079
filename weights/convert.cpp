#include "weights/convert.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/json_text.h"
#include "base/presence.h"
#include "base/write_file.h"
#include "weights/load.h"
#include "weights/scalar_type.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// A folder under a temporary name, which is removed unless it gets its own.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& wanted) : wanted_(wanted) {
    do path_ = scratch_name(wanted);
    while (!fs::create_directory(path_, error_) && !error_);
    if (error_) fail(wanted_, ": cannot be written: ", error_.message());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    if (!path_.empty()) fs::remove_all(path_, error_);
  }

  const fs::path& path() const { return path_; }

  /// Gives the folder its name. An existing one gets the temporary name in the same instant, and is
  /// then removed.
  void publish(bool replace) {
    const auto flag = replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;
    int failed = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, wanted_.c_str(), flag);
    // Some file systems have neither; then nothing exists under the name, or almost certainly not.
    if (failed != 0 && errno == EINVAL && !replace) {
      failed = std::rename(path_.c_str(), wanted_.c_str());
    }
    if (failed != 0) fail(wanted_, ": cannot be written: ", std::strerror(errno));
    if (!replace) path_.clear();
  }

 private:
  fs::path wanted_, path_;
  std::error_code error_;
};

/// Writes one model into an empty folder.
class Conversion {
 public:
  Conversion(const ModelDir& model, fs::path to, const ConvertOptions& options)
      : model_(model), to_(std::move(to)), options_(options) {}

  void write() {
    std::map<std::string, ordered_json> indexes;  // by PartSpec::home
    const bool has_main = std::any_of(model_.parts().begin(), model_.parts().end(), [](auto& part) {
      return part.trouble.empty() && part.spec->home.empty();
    });
    for (const auto& part : model_.parts()) {
      if (!part.trouble.empty()) continue;
      const auto& spec = *part.spec;
      const auto folder = to_ / (has_main ? spec.home : "") / spec.key();
      fs::create_directories(folder, error_);
      if (error_) fail(folder, ": cannot be written: ", error_.message());
      write_configs(part, folder);
      if (!spec.weights.empty()) write_weights(part, folder);
      // The newest spelling is the one that current releases of diffusers read.
      auto& index = indexes[spec.home];
      if (index.empty()) index["_class_name"] = class_of(spec.home);
      index[spec.key()] = {spec.libraries.back(), part.class_name};
    }
    for (const auto& [home, index] : indexes) {
      write_text(to_ / (has_main ? home : "") / "model_index.json", index.dump(2) + "\n");
    }
    if (is_there(model_.path() / "unclip.json")) copy(model_.path() / "unclip.json", to_);
  }

 private:
  /// The pipeline class of the main folder, or of a companion, which becomes a folder in it.
  std::string class_of(const std::string& home) const {
    const auto& layout = model_.layout();
    if (layout.home_of_class(model_.class_name()) == home) return model_.class_name();
    const auto* companion = layout.companion(home);
    return companion == nullptr ? layout.classes.front() : companion->classes.front();
  }

  static void write_text(const fs::path& path, const std::string& text) {
    write_file(path, text, WriteMode::kOverwrite);
  }
  static void copy(const fs::path& file, const fs::path& folder) {
    write_text(folder / file.filename(), file_bytes(file));
  }

  static void write_configs(const ModelPart& part, const fs::path& folder) {
    if (part.original) {
      write_text(folder / part.spec->configs[0], part.original->config.json().dump(2) + "\n");
      return;
    }
    for (const auto& name : part.spec->configs) {
      if (is_there(part.folder / name)) copy(part.folder / name, folder);
    }
  }

  at::ScalarType dtype_of(const TensorEntry& entry, const Checkpoint& checkpoint) const {
    const auto type = scalar_type(entry.dtype);
    if (!type) {
      fail(checkpoint.name(), ": tensor '", shown(entry.name), "': expected one of ",
           implemented_dtypes(), ", got ", unclip::dtype_name(entry.dtype));
    }
    return at::isFloatingType(*type) ? options_.dtype.value_or(*type) : *type;
  }

  /// The names of the tensors of each file.
  std::vector<std::vector<std::string>> shards(const Checkpoint& checkpoint) const {
    std::vector<std::vector<std::string>> all(1);
    uint64_t bytes = 0;
    for (const auto& name : checkpoint.names()) {
      const auto& entry = checkpoint.entry(name);
      const auto size =
          static_cast<uint64_t>(entry.numel()) * c10::elementSize(dtype_of(entry, checkpoint));
      if (options_.shard_bytes > 0 && bytes + size > options_.shard_bytes && !all.back().empty()) {
        all.emplace_back();
        bytes = 0;
      }
      bytes += size;
      all.back().push_back(name);
    }
    return all;
  }

  /// Writes the tensors as one file; returns their bytes.
  uint64_t write_shard(const ModelPart& part, const Checkpoint& checkpoint, const fs::path& path,
                       const std::vector<std::string>& names) const {
    std::map<std::string, TensorToWrite> tensors;
    uint64_t bytes = 0;
    for (const auto& name : names) {
      const auto& entry = checkpoint.entry(name);
      const auto dtype = dtype_of(entry, checkpoint);
      bytes += static_cast<uint64_t>(entry.numel()) * c10::elementSize(dtype);
      tensors[name] = {dtype, entry.shape, [&, name, dtype] {
                         options_.on_tensor(part.spec->name);
                         auto values = converted(checkpoint, name, dtype);
                         checkpoint.release(name);
                         return values;
                       }};
    }
    stream_safetensors(path, tensors, {{"format", "pt"}});
    return bytes;
  }

  void write_weights(const ModelPart& part, const fs::path& folder) const {
    const auto checkpoint = part.weights();
    const auto& stem = part.spec->weights;
    const auto files = shards(checkpoint);
    if (files.size() == 1) {
      write_shard(part, checkpoint, folder / (stem + ".safetensors"), files[0]);
      return;
    }
    ordered_json map = ordered_json::object();
    uint64_t bytes = 0;
    for (size_t i = 0; i < files.size(); ++i) {
      char number[40];
      std::snprintf(number, sizeof number, "-%05zu-of-%05zu", i + 1, files.size());
      const auto name = stem + number + ".safetensors";
      bytes += write_shard(part, checkpoint, folder / name, files[i]);
      for (const auto& tensor : files[i]) map[tensor] = name;
    }
    const ordered_json index = {{"metadata", {{"total_size", bytes}}}, {"weight_map", map}};
    write_text(folder / (stem + ".safetensors.index.json"), json_text(index) + "\n");
  }

  const ModelDir& model_;
  fs::path to_;
  const ConvertOptions& options_;
  std::error_code error_;
};

/// Whether a folder is to be replaced. Throws Error if it may not be.
bool replaces(const ModelDir& model, const fs::path& to, bool overwrite) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(to, error))) return false;
  if (!overwrite) fail(to, ": expected a name that is free, found an existing folder or file");
  if (fs::is_symlink(fs::symlink_status(to, error)) || !is_folder(to) ||
      !is_there(to / "model_index.json")) {
    fail(to, ": expected a model folder to replace, found something else");
  }
  for (const auto& part : model.parts()) {
    for (const auto& source : {model.path(), part.folder}) {
      const auto inside = fs::relative(source, to, error);
      if (!error && !inside.empty() && *inside.begin() != "..") {
        fail(to, ": holds the model that is converted, so it cannot be replaced");
      }
    }
  }
  return true;
}

}  // namespace

void convert(const ModelDir& model, const fs::path& given, const ConvertOptions& options) {
  auto to = given.lexically_normal();
  if (!to.has_filename()) to = to.parent_path();
  expect_folder_for(to);
  const bool replace = replaces(model, to, options.overwrite);
  ScratchFolder scratch(to);
  Conversion(model, scratch.path(), options).write();
  scratch.publish(replace);
}

}  // namespace unclip
