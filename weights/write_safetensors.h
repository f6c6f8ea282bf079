#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace unclip {

/// The bytes of a safetensors file that holds the tensors. Messages call it `name`.
std::string safetensors_bytes(const std::string& name,
                              const std::map<std::string, at::Tensor>& tensors,
                              const std::map<std::string, std::string>& metadata = {});

/// A tensor that is computed when it is written: type, shape, and a function for its values.
struct TensorToWrite {
  at::ScalarType dtype;
  std::vector<int64_t> shape;
  std::function<at::Tensor()> values;
};

/// Writes the tensors, from any device and of any strides, as one safetensors file. The
/// header is padded with spaces to a multiple of 8 bytes and tensors with wider elements come
/// first, so every tensor is aligned and can be viewed in place when the file is read. The file
/// appears complete or not at all: it is written under another name in the same folder, flushed to
/// the disk and renamed, replacing any file of that name. Throws Error if the disk or the folder
/// cannot be written, or if text in `metadata` is not UTF-8. The types of the tensors must be among
/// those that weights/scalar_type.h lists.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});
/// The same for tensors that need not be in memory together.
void stream_safetensors(const std::filesystem::path& path,
                        const std::map<std::string, TensorToWrite>& tensors,
                        const std::map<std::string, std::string>& metadata = {});

}  // namespace unclip
