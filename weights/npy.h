#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace unclip {

/// Whether this is the beginning of a .npy file.
bool is_npy(std::string_view bytes);
/// The array of a .npy file, versions 1 to 3: little-endian float16, float32 or float64, in C
/// order. Messages call the file `name`. Throws Error if it holds anything else, or if it does not
/// have exactly as many bytes as its shape needs.
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
at::Tensor parse_npy(std::string_view bytes, const std::string& name);
/// x float32 of any shape -> the bytes of a .npy file, version 1.0
std::string npy_bytes(const at::Tensor& x);

}  // namespace unclip
