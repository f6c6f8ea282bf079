#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// Every element type that a file may have, by the names that safetensors gives them.
/// weights/scalar_type.h says which of them the engine can compute with.
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

/// The type's name in a safetensors file: "BF16".
std::string_view dtype_name(Dtype dtype);
/// The type of that name; nothing if the format has none.
std::optional<Dtype> dtype_of_name(std::string_view name);
/// The bits of an element.
uint64_t dtype_bits(Dtype dtype);

/// How the elements of a tensor lie in the file if they do not follow each other: element
/// (i_0, ..., i_n) of an array of these sizes lies at the tensor's beginning + sum(i_k stride_k),
/// in elements. In row-major order, the array's elements are the tensor's. The array may have other
/// sizes than the tensor: a head's rows of a fused projection are (heads, rows of a head, columns).
struct TensorLayout {
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;  // >= 0
};

/// One tensor of a file: everything except its values.
struct TensorEntry {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // its elements lie in [begin, end) of TensorFile::tensor_bytes()
  uint64_t end = 0;
  std::optional<TensorLayout> layout = {};  // nothing: its elements follow each other, row by row

  int64_t numel() const;
};

/// A name from an untrusted file, made safe for a message: one line of ASCII, of bounded length.
std::string shown(std::string_view name);
/// "[320, 4, 3, 3]"
std::string shown(const std::vector<int64_t>& shape);

}  // namespace unclip
