#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace unclip {

/// The bytes of a safetensors file of the tensors. `name` stands for it in messages.
std::string safetensors_bytes(const std::string& name,
                              const std::map<std::string, at::Tensor>& tensors,
                              const std::map<std::string, std::string>& metadata = {});

/// Writes the tensors, from any device and of any strides, as one safetensors file. The
/// header is padded with spaces to a multiple of 8 bytes and wider elements come first, so every
/// tensor is aligned and can be viewed in place when the file is read. The file appears whole or
/// not at all: it is written under another name in the same folder, flushed to the disk and
/// renamed, over a file of that name if there is one. Throws Error where the disk or the folder
/// refuses, or text in `metadata` is not UTF-8. Tensors have types that weights/scalar_type.h
/// lists.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace unclip
