#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "weights/model_dir.h"

namespace unclip {

struct ConvertOptions {
  std::optional<at::ScalarType> dtype;  // of all floating-point tensors; nothing: as they are
  /// A part whose tensors take more bytes is written as several files, each of at most so many
  /// bytes unless one tensor is larger; 0: one file a part.
  uint64_t shard_bytes = 0;
  bool overwrite = false;  // an existing model folder is replaced
  /// Called before each tensor is written; an exception that it throws ends the conversion.
  std::function<void(const std::string& part)> on_tensor = [](const std::string&) {};
};

/// Writes a model, from any folder that ModelDir reads and with its borrowed parts, as a folder of
/// the hub's form with safetensors, which diffusers and transformers load too: every usable part
/// with its configs, model_index.json, and unclip.json if there is one. The folder appears complete
/// or not at all: it is written under another name beside `to`, and renamed. One tensor at a time
/// is in memory. Throws Error if `to` exists (with `overwrite`, if it exists and is no model
/// folder, or is the model's own), if a number is too large for the type, or if something cannot be
/// written.
void convert(const ModelDir& model, const std::filesystem::path& to, const ConvertOptions& options);

}  // namespace unclip
