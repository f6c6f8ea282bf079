#include "weights/tensor_entry.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace unclip {
namespace {

struct DtypeFacts {
  Dtype dtype;
  std::string_view name;
  uint64_t bits;
};
constexpr DtypeFacts kDtypes[] = {
    {Dtype::kF64, "F64", 64},
    {Dtype::kF32, "F32", 32},
    {Dtype::kF16, "F16", 16},
    {Dtype::kBF16, "BF16", 16},
    {Dtype::kI64, "I64", 64},
    {Dtype::kI32, "I32", 32},
    {Dtype::kI16, "I16", 16},
    {Dtype::kI8, "I8", 8},
    {Dtype::kU8, "U8", 8},
    {Dtype::kBool, "BOOL", 8},
    {Dtype::kU64, "U64", 64},
    {Dtype::kU32, "U32", 32},
    {Dtype::kU16, "U16", 16},
    {Dtype::kC64, "C64", 64},
    {Dtype::kF8E4M3, "F8_E4M3", 8},
    {Dtype::kF8E5M2, "F8_E5M2", 8},
    {Dtype::kF8E8M0, "F8_E8M0", 8},
    {Dtype::kF8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    {Dtype::kF8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    {Dtype::kF6E2M3, "F6_E2M3", 6},
    {Dtype::kF6E3M2, "F6_E3M2", 6},
    {Dtype::kF4, "F4", 4},
};

const DtypeFacts& facts(Dtype dtype) {
  return *std::find_if(std::begin(kDtypes), std::end(kDtypes),
                       [&](const auto& f) { return f.dtype == dtype; });
}

}  // namespace

std::string_view dtype_name(Dtype dtype) { return facts(dtype).name; }

std::optional<Dtype> dtype_of_name(std::string_view name) {
  for (const auto& f : kDtypes) {
    if (f.name == name) return f.dtype;
  }
  return {};
}

uint64_t dtype_bits(Dtype dtype) { return facts(dtype).bits; }

int64_t TensorEntry::numel() const {
  int64_t n = 1;
  for (const auto size : shape) n *= size;
  return n;
}

std::string shown(std::string_view name) {
  using nlohmann::json;
  const auto quoted = json(name.substr(0, 1000))
                          .dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  const auto text = quoted.substr(1, quoted.size() - 2);
  return text.size() <= 200 ? text : text.substr(0, 197) + "...";
}

std::string shown(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace unclip
