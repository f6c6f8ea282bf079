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
  /// `where` is a safetensors file, an index of shards (.json), or a folder. In a folder the first
  /// of these is taken:
  ///   STEM.safetensors         STEM.safetensors.index.json        (shards beside it)
  ///   STEM.fp16.safetensors    STEM.safetensors.index.fp16.json
  /// Throws Error where none is there (pickles are named, for they are not read), where a file
  /// is not valid, and where index and shards disagree about any tensor.
  static Checkpoint open(const std::filesystem::path& where, const std::string& stem = "model");

  /// One safetensors file's bytes, which are copied. `name` stands for it in messages.
  static Checkpoint from_bytes(std::string_view bytes, const std::string& name);

  /// The file or the index, as messages show it.
  const std::string& name() const { return name_; }
  /// The file or the shards; the index is not among them.
  std::vector<std::filesystem::path> files() const;
  /// File by file, in the order of their bytes.
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const { return tensors_.contains(name); }
  /// Type and shape, from the header. The name is one of names(). So for the functions below.
  const SafetensorsEntry& entry(std::string_view name) const;
  /// The text beside the tensors, of all files; where two differ, the first one's.
  std::map<std::string, std::string> metadata() const;
  /// The opened files, in the order of files().
  const std::vector<std::shared_ptr<const SafetensorsFile>>& opened() const { return opened_; }

  /// The tensor, contiguous, on the CPU, in the file's own type: a view of the mapped bytes, which
  /// it keeps alive. Writing to it changes neither the file nor, for sure, another view.
  /// Copied instead are tensors whose bytes are not aligned, and BOOL (a byte other than 0 and 1 is
  /// true). Throws Error where the engine does not compute with the type.
  at::Tensor tensor(std::string_view name) const;
  /// Gives back the memory of the tensor's mapped pages, for who has copied it.
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
