#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weights/tensor_entry.h"

namespace unclip {

struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

/// Reads the JSON of a safetensors file whose tensors take `data_size` bytes.
/// https://github.com/huggingface/safetensors#format
/// The text is not trusted. Throws an Error that names `file`, the tensor, what was expected and
/// what was found, unless: it is one JSON object in UTF-8 without a repeated key; it lists at most
/// 10^6 tensors, each of which has a known dtype, a shape of at most 32 sizes whose product is a
/// valid length, and offsets that fit both; and together the tensors cover the bytes from 0 to
/// data_size, each byte exactly once.
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_size,
                                           const std::string& file);

}  // namespace unclip
