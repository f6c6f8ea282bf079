#include "weights/torch_tensor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"

namespace unclip {
namespace {

constexpr size_t kMostSizes = 32;
constexpr int kMostWrappers = 8;
/// Of a tensor that repeats elements of its storage, for it has to be copied.
constexpr uint64_t kMostRepeatedBytes = 1 << 28;

constexpr std::pair<std::string_view, Dtype> kStorageTypes[] = {
    {"FloatStorage", Dtype::kF32},  {"HalfStorage", Dtype::kF16}, {"BFloat16Storage", Dtype::kBF16},
    {"DoubleStorage", Dtype::kF64}, {"LongStorage", Dtype::kI64}, {"IntStorage", Dtype::kI32},
    {"ShortStorage", Dtype::kI16},  {"CharStorage", Dtype::kI8},  {"ByteStorage", Dtype::kU8},
    {"BoolStorage", Dtype::kBool},
};
constexpr std::pair<std::string_view, Dtype> kDtypesOfTorch[] = {
    {"float32", Dtype::kF32},
    {"float16", Dtype::kF16},
    {"bfloat16", Dtype::kBF16},
    {"float64", Dtype::kF64},
    {"int64", Dtype::kI64},
    {"int32", Dtype::kI32},
    {"int16", Dtype::kI16},
    {"int8", Dtype::kI8},
    {"uint8", Dtype::kU8},
    {"bool", Dtype::kBool},
    {"uint16", Dtype::kU16},
    {"uint32", Dtype::kU32},
    {"uint64", Dtype::kU64},
    {"float8_e4m3fn", Dtype::kF8E4M3},
    {"float8_e5m2", Dtype::kF8E5M2},
    {"float8_e8m0fnu", Dtype::kF8E8M0},
    {"float8_e4m3fnuz", Dtype::kF8E4M3Fnuz},
    {"float8_e5m2fnuz", Dtype::kF8E5M2Fnuz},
};

bool is_name(const PickleObject& object, std::string_view module, std::string_view name) {
  return object.kind == PickleKind::kName && object.text == module && object.name == name;
}

/// A function of PyTorch that rebuilds a tensor or wraps one: torch._utils._rebuild_tensor_v2.
bool is_rebuild(const PickleObject& object) {
  if (object.kind != PickleKind::kName || !object.name.starts_with("_rebuild_")) return false;
  return object.text == "torch._utils" || object.text == "torch._tensor" ||
         object.text == "torch.tensor";
}

/// A tensor on its way from the arguments to an entry.
class TorchTensorReader {
 public:
  TorchTensorReader(const Pickle& pickle, const std::string& name, const std::string& where)
      : pickle_(pickle), name_(name), where_(where) {}

  TensorEntry read(PickleIndex index, const FindStorage& find_storage) {
    auto [function, arguments] = unwrap(index);
    const auto& list = pickle_[arguments].items;
    const bool v3 = function->name == "_rebuild_tensor_v3";
    const size_t expected = v3 ? 7 : function->name == "_rebuild_tensor" ? 4 : 6;
    if (list.size() != expected && (expected == 4 || list.size() != expected + 1)) {
      refuse("expected " + std::to_string(expected) + " arguments, got " +
             std::to_string(list.size()));
    }
    const auto id = storage_id(list[0]);
    const auto dtype = v3 ? dtype_of(list[6]) : id.dtype;
    if (!dtype) refuse("expected a type of its elements, found a storage without one");
    const auto offset = number(list[1]);
    auto sizes = numbers(list[2], "sizes");
    auto strides = numbers(list[3], "strides");
    if (sizes.size() != strides.size()) {
      refuse("has " + std::to_string(sizes.size()) + " sizes and " +
             std::to_string(strides.size()) + " strides");
    }
    return place(find_storage(id), *dtype, offset, std::move(sizes), std::move(strides));
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail(where_, ": tensor '", shown(name_), "': ", what);
  }

  /// The function that makes the tensor, and its arguments, without the parameters and subclasses
  /// that wrap it.
  std::pair<const PickleObject*, PickleIndex> unwrap(PickleIndex index) const {
    for (int depth = 0; depth < kMostWrappers; ++depth) {
      const auto& call = pickle_[index];
      if (call.kind != PickleKind::kCall) refuse("expected a tensor, found " + described(index));
      if (call.items.size() != 2) refuse("has a state or items, which no tensor of weights has");
      const auto* function = &pickle_[call.items[0]];
      auto arguments = call.items[1];
      if (function->name == "_rebuild_from_type_v2") {  // function, class, arguments, state
        const auto& list = pickle_[arguments].items;
        if (list.size() != 4 || !pickle_.is(list[2], PickleKind::kTuple)) {
          refuse("expected function, class, arguments and state, found something else");
        }
        function = &pickle_[list[0]];
        arguments = list[2];
      }
      if (!is_rebuild(*function)) refuse("expected a tensor, found " + described(index));
      if (function->name == "_rebuild_parameter" ||
          function->name == "_rebuild_parameter_with_state") {
        if (pickle_[arguments].items.empty()) refuse("is a parameter without a tensor");
        index = pickle_[arguments].items[0];
        continue;
      }
      if (function->name == "_rebuild_tensor" || function->name == "_rebuild_tensor_v2" ||
          function->name == "_rebuild_tensor_v3") {
        return {function, arguments};
      }
      refuse("is made by " +
             shown(std::string(function->text) + "." + std::string(function->name)) +
             ", which is not read");
    }
    refuse("is wrapped more than " + std::to_string(kMostWrappers) + " times");
  }

  std::string described(PickleIndex index) const { return pickle_.describe(index); }

  TorchStorageId storage_id(PickleIndex index) const {
    if (!pickle_.is(index, PickleKind::kPersistent)) {
      refuse("expected a storage, found " + described(index));
    }
    const auto id = read_storage_id(pickle_, index, where_ + ": tensor '" + shown(name_) + "'");
    if (!id) refuse("expected a storage, found another persistent object");
    return *id;
  }

  std::optional<Dtype> dtype_of(PickleIndex index) const {
    const auto& name = pickle_[index];
    for (const auto& [torch, dtype] : kDtypesOfTorch) {
      if (is_name(name, "torch", torch)) return dtype;
    }
    refuse("expected a type of torch, found " + described(index));
  }

  uint64_t number(PickleIndex index) const {
    const auto& value = pickle_[index];
    if (value.kind != PickleKind::kInteger || value.integer < 0) {
      refuse("expected integers of 0 or more, found " + (value.kind == PickleKind::kInteger
                                                             ? std::to_string(value.integer)
                                                             : described(index)));
    }
    return static_cast<uint64_t>(value.integer);
  }

  std::vector<int64_t> numbers(PickleIndex index, const char* what) const {
    const auto* tuple = &pickle_[index];
    const bool is_size = tuple->kind == PickleKind::kCall && tuple->items.size() == 2 &&
                         is_name(pickle_[tuple->items[0]], "torch", "Size") &&
                         pickle_[tuple->items[1]].items.size() == 1;
    if (is_size) tuple = &pickle_[pickle_[tuple->items[1]].items[0]];
    if (tuple->kind != PickleKind::kTuple || tuple->items.size() > kMostSizes) {
      refuse(std::string("expected a tuple of at most 32 ") + what + ", found " + described(index));
    }
    std::vector<int64_t> all;
    for (const auto item : tuple->items) all.push_back(static_cast<int64_t>(number(item)));
    return all;
  }

  /// The bytes of the tensor, which must be among those of the storage.
  TensorEntry place(const TorchStorage& storage, Dtype dtype, uint64_t offset,
                    std::vector<int64_t> sizes, std::vector<int64_t> strides) const {
    const auto element = dtype_bits(dtype) / 8;
    const auto available = storage.size / element;
    uint64_t count = 1, last = offset;
    bool fits = offset <= available, contiguous = true;
    for (size_t i = sizes.size(); i-- > 0;) {
      const auto size = static_cast<uint64_t>(std::max<int64_t>(sizes[i], 1));
      const auto stride = static_cast<uint64_t>(strides[i]);
      contiguous = contiguous && (size == 1 || stride == count);
      uint64_t reach = 0;
      fits = fits && !__builtin_mul_overflow(size - 1, stride, &reach) &&
             !__builtin_add_overflow(last, reach, &last) &&
             !__builtin_mul_overflow(count, size, &count);
    }
    const bool empty = std::find(sizes.begin(), sizes.end(), 0) != sizes.end();
    if (empty) last = offset;
    uint64_t bytes = 0;
    if (!fits || (!empty && last >= available) || __builtin_mul_overflow(count, element, &bytes) ||
        bytes > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      refuse("sizes " + shown(sizes) + " and strides " + shown(strides) + " from element " +
             std::to_string(offset) + " do not fit into its storage of " +
             std::to_string(available) + " elements");
    }
    TensorEntry entry;
    entry.name = name_;
    entry.dtype = dtype;
    entry.begin = storage.begin + offset * element;
    entry.end = entry.begin + (empty ? 0 : (last - offset + 1) * element);
    if (!empty && !contiguous) {
      if (bytes > entry.end - entry.begin && bytes > kMostRepeatedBytes) {
        refuse("repeats elements of its storage to " + std::to_string(bytes) + " bytes; at most " +
               std::to_string(kMostRepeatedBytes) + " are allowed");
      }
      entry.layout = TensorLayout{sizes, std::move(strides)};
    }
    entry.shape = std::move(sizes);
    return entry;
  }

  const Pickle& pickle_;
  const std::string& name_;
  const std::string& where_;
};

/// The type of a storage by its class; nothing for storages of bytes.
std::optional<Dtype> storage_type(const Pickle& pickle, PickleIndex index,
                                  const std::string& where) {
  const auto& name = pickle[index];
  if (name.kind == PickleKind::kName) {
    if (name.text == "torch.storage" && name.name == "UntypedStorage") return {};
    for (const auto& [type, dtype] : kStorageTypes) {
      if (name.name == type && (name.text == "torch" || name.text == "torch.cuda")) return dtype;
    }
  }
  fail(where, ": expected a storage of floating-point numbers, integers or truth values, found ",
       pickle.describe(index));
}

uint64_t storage_number(const Pickle& pickle, PickleIndex index, const std::string& where) {
  const auto& value = pickle[index];
  if (value.kind != PickleKind::kInteger || value.integer < 0) {
    fail(where, ": expected the number of a storage's elements, found ",
         value.kind == PickleKind::kInteger ? std::to_string(value.integer)
                                            : pickle.describe(index));
  }
  return static_cast<uint64_t>(value.integer);
}

}  // namespace

std::optional<TorchStorageId> read_storage_id(const Pickle& pickle, PickleIndex persistent,
                                              const std::string& where) {
  const auto& id = pickle[pickle[persistent].items[0]];
  if (id.kind != PickleKind::kTuple || id.items.empty()) return {};
  const auto& what = pickle[id.items[0]];
  if (what.kind != PickleKind::kText || what.text != "storage") return {};
  if (id.items.size() != 5 && id.items.size() != 6) {
    fail(where, ": expected 5 or 6 values that name a storage, found ", id.items.size());
  }
  TorchStorageId result;
  result.dtype = storage_type(pickle, id.items[1], where);
  if (!pickle.is(id.items[2], PickleKind::kText)) {
    fail(where, ": expected a text as the key of a storage, found ", pickle.describe(id.items[2]));
  }
  result.key = pickle[id.items[2]].text;
  result.numel = result.whole_numel = storage_number(pickle, id.items[4], where);
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(result.numel, result.element_bytes(), &bytes)) {
    fail(where, ": its storage would have ", result.numel, " elements");
  }
  if (id.items.size() == 6 && !pickle.is(id.items[5], PickleKind::kNone)) {
    const auto& view = pickle[id.items[5]];
    if (view.kind != PickleKind::kTuple || view.items.size() != 3) {
      fail(where, ": expected three values as the view of a storage, found ",
           pickle.describe(id.items[5]));
    }
    result.offset = storage_number(pickle, view.items[1], where);
    result.numel = storage_number(pickle, view.items[2], where);
    if (result.offset > result.whole_numel || result.numel > result.whole_numel - result.offset) {
      fail(where, ": the view of its storage would end beyond ", result.whole_numel, " elements");
    }
  }
  return result;
}

bool is_torch_tensor(const Pickle& pickle, PickleIndex index) {
  const auto& call = pickle[index];
  return call.kind == PickleKind::kCall && is_rebuild(pickle[call.items[0]]);
}

TensorEntry read_torch_tensor(const Pickle& pickle, PickleIndex index, const std::string& name,
                              const FindStorage& find_storage, const std::string& where) {
  return TorchTensorReader(pickle, name, where).read(index, find_storage);
}

}  // namespace unclip
