#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weights/safetensors.h"

namespace unclip {

/// One or more safetensors files as one map of tensors.
class Checkpoint {
 public:
  /// Opens a safetensors file, an index of shards (.json), or a folder. In a folder it opens the
  /// first of these that exists:
  ///   STEM.safetensors         STEM.safetensors.index.json        (shards next to it)
  ///   STEM.fp16.safetensors    STEM.safetensors.index.fp16.json
  /// Throws Error if there is none (the message names pickles, which are not read), if a file is
  /// not valid, or if the index and the shards disagree about any tensor.
  static Checkpoint open(const std::filesystem::path& where, const std::string& stem = "model");

  /// Reads the bytes of one safetensors file, which are copied. Messages call it `name`.
  static Checkpoint from_bytes(std::string_view bytes, const std::string& name);

  /// The path of the file or of the index, as messages print it.
  const std::string& name() const { return name_; }
  /// The paths of the file or of the shards, without the index.
  std::vector<std::filesystem::path> files() const;
  /// The names of all tensors, file by file, in the order of their bytes.
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const { return tensors_.contains(name); }
  /// Type and shape of a tensor, from the header. Here and below, `name` must be one of names().
  const SafetensorsEntry& entry(std::string_view name) const;
  /// The metadata of all files; if two files differ in a key, the value of the first.
  std::map<std::string, std::string> metadata() const;
  /// The opened files, in the order of files().
  const std::vector<std::shared_ptr<const SafetensorsFile>>& opened() const { return opened_; }

  /// The tensor, contiguous, on the CPU, in the type that the file has. It is a view of the mapped
  /// bytes, which it keeps alive. Writing to it never changes the file, but may change other views
  /// of the tensor. Tensors whose bytes are not aligned are copied, and so is BOOL (any byte except
  /// 0 counts as true). Throws Error if the engine does not compute with the type.
  at::Tensor tensor(std::string_view name) const;
  /// Returns the memory of the tensor's mapped pages to the system; for use after copying the
  /// tensor.
  void release(std::string_view name) const;

 private:
  struct Place {
    std::shared_ptr<const SafetensorsFile> file;
    const SafetensorsEntry* entry;
  };
  static Checkpoint open_file(const std::filesystem::path& path);
  static Checkpoint open_index(const std::filesystem::path& path);
  const Place& place(std::string_view name) const;
  void add(std::shared_ptr<const SafetensorsFile> file);

  std::string name_;
  std::vector<std::shared_ptr<const SafetensorsFile>> opened_;
  std::vector<std::string> names_;
  std::map<std::string, Place, std::less<>> tensors_;
};

}  // namespace unclip
