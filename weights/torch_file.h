#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "weights/tensor_file.h"

namespace unclip {

/// Whether the name ends as PyTorch's files do: .bin, .ckpt, .pt, .pth, .th.
bool is_torch_name(const std::filesystem::path& path);

/// Whether the bytes are a zip archive, or begin as torch.save wrote files before PyTorch 1.6.
bool is_torch_file(std::string_view bytes);

/// Reads a file of torch.save, or of torch.jit.save (a TorchScript archive), as data: no code of it
/// runs, and libtorch's own reader is not used. Formats are "PyTorch", "PyTorch before 1.6" and
/// "TorchScript". The tensors are those of weights/torch_state.h. Throws Error that names `file`
/// if the archive or a pickle is not valid, records of weights are compressed, the numbers are
/// big-endian, or a tensor does not lie in its storage.
TensorFileContent parse_torch_file(std::string_view bytes, const std::string& file);

}  // namespace unclip
