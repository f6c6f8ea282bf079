#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// Every element type that the format knows, by the format's own names. weights/scalar_type.h says
/// which of them the engine can compute with.
enum class Dtype {
  kF64,
  kF32,
  kF16,
  kBF16,
  kI64,
  kI32,
  kI16,
  kI8,
  kU8,
  kBool,
  kU64,
  kU32,
  kU16,
  kC64,
  kF8E4M3,
  kF8E5M2,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kF6E2M3,
  kF6E3M2,
  kF4
};

/// The type's name in the file: "BF16".
std::string_view dtype_name(Dtype dtype);

/// One tensor of a file: everything except its values.
struct SafetensorsEntry {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // its bytes are [begin, end), counted from the end of the header
  uint64_t end = 0;

  int64_t numel() const;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
};

/// Reads the JSON of a safetensors file whose tensors take `data_size` bytes.
/// https://github.com/huggingface/safetensors#format
/// The text is not trusted. Throws an Error that names `file`, the tensor, what was expected and
/// what was found, unless: it is one JSON object in UTF-8 without a repeated key; each tensor has a
/// known dtype, a shape of at most 32 sizes whose product is a valid length, and offsets that
/// fit both; and together the tensors cover the bytes from 0 to data_size, each byte exactly once.
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_size,
                                           const std::string& file);

/// A name from an untrusted file, made safe for a message: one line of ASCII, of bounded length.
std::string shown(std::string_view name);
/// "[320, 4, 3, 3]"
std::string shown(const std::vector<int64_t>& shape);

}  // namespace unclip
