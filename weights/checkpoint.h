#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weights/tensor_file.h"

namespace unclip {

/// One or more files of tensors (see TensorFile for the formats) as one map.
class Checkpoint {
 public:
  /// Opens a file of tensors, an index of shards (.json), or a folder. In a folder it opens the
  /// first of these that exists:
  ///   STEM.safetensors         STEM.safetensors.index.json        (shards next to it)
  ///   STEM.fp16.safetensors    STEM.safetensors.index.fp16.json
  ///   STEM.bin                 STEM.bin.index.json
  ///   STEM.fp16.bin            STEM.bin.index.fp16.json
  /// transformers' pickles have the stem pytorch_model if their safetensors have `model`.
  /// Throws Error if there is none (the message names what is there instead), if a file is not
  /// valid, or if the index and the shards disagree about any tensor.
  static Checkpoint open(const std::filesystem::path& where, const std::string& stem = "model");

  /// Reads the bytes of one file, which are copied. Messages call it `name`.
  static Checkpoint from_bytes(std::string_view bytes, const std::string& name);

  /// A tensor under the name, and perhaps in the shape and order, that a published layout gives it.
  struct Placed {
    std::shared_ptr<const TensorFile> file;
    TensorEntry entry;
  };
  /// The given tensors of opened files, in this order, each name once.
  static Checkpoint of_tensors(const std::string& name, std::vector<Placed> tensors);

  /// The path of the file or of the index, as messages print it.
  const std::string& name() const { return name_; }
  /// The paths of the file or of the shards, without the index.
  std::vector<std::filesystem::path> files() const;
  /// The format of the files, "safetensors"; of several formats their names, with commas.
  std::string format() const;
  /// The names of all tensors, file by file, in the order of their bytes.
  const std::vector<std::string>& names() const { return names_; }
  bool has(std::string_view name) const { return tensors_.contains(name); }
  /// Type and shape of a tensor, from the header. Here and below, `name` must be one of names().
  const TensorEntry& entry(std::string_view name) const;
  /// The metadata of all files; if two files differ in a key, the value of the first.
  std::map<std::string, std::string> metadata() const;
  /// What a file holds under this name in place of a tensor: "an integer"; empty if nothing.
  std::string instead_of(const std::string& name) const;
  /// The opened files, in the order of files().
  const std::vector<std::shared_ptr<const TensorFile>>& opened() const { return opened_; }

  /// The tensor, contiguous, on the CPU, in the type that the file has. It is a view of the mapped
  /// bytes, which it keeps alive. Writing to it never changes the file, but may change other views
  /// of the tensor. Tensors whose elements are not aligned or do not follow each other are copied,
  /// and so is BOOL (any byte except 0 counts as true). Throws Error if the engine does not compute
  /// with the type.
  at::Tensor tensor(std::string_view name) const;
  /// Returns the memory of the tensor's mapped pages to the system; for use after copying the
  /// tensor.
  void release(std::string_view name) const;

 private:
  static Checkpoint open_file(const std::filesystem::path& path);
  static Checkpoint open_index(const std::filesystem::path& path);
  const Placed& placed(std::string_view name) const;
  void add(std::shared_ptr<const TensorFile> file);

  std::string name_;
  std::vector<std::shared_ptr<const TensorFile>> opened_;
  std::vector<std::string> names_;
  std::map<std::string, Placed, std::less<>> tensors_;
};

}  // namespace unclip
