#pragma once

#include <string>
#include <string_view>

#include "weights/tensor_file.h"

namespace unclip {

/// Reads the framing of a safetensors file, and its header by parse_safetensors_header(). Throws
/// Error that names `file` if the bytes are not valid.
TensorFileContent parse_safetensors(std::string_view bytes, const std::string& file);

}  // namespace unclip
