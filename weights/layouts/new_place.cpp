#include "weights/layouts/new_place.h"

#include <set>

#include "base/error.h"
#include "base/parse_number.h"

namespace unclip {
namespace {

/// The array that a tensor's elements form in the file.
TensorLayout array_of(const TensorEntry& entry) {
  if (entry.layout) return *entry.layout;
  TensorLayout array{entry.shape, std::vector<int64_t>(entry.shape.size(), 1)};
  for (size_t i = array.sizes.size(); i-- > 1;) {
    array.strides[i - 1] = array.strides[i] * array.sizes[i];
  }
  return array;
}

/// Rearranges one tensor.
class Rearrangement {
 public:
  Rearrangement(const TensorFile& file, const TensorEntry& entry, const NewPlace& place,
                int64_t head_width)
      : file_(file), entry_(entry), place_(place), head_width_(head_width) {}

  std::vector<TensorEntry> entries() const {
    const auto count = static_cast<int64_t>(place_.names.size());
    std::vector<TensorEntry> all;
    for (int64_t i = 0; i < count; ++i) {
      all.push_back(entry_at(i, count));
      all.back().name = place_.names[static_cast<size_t>(i)];
    }
    return all;
  }

 private:
  TensorEntry entry_at(int64_t i, int64_t count) const {
    switch (place_.arrangement) {
      case Arrangement::kSame:
        return entry_;
      case Arrangement::kLinear:
        return linear();
      case Arrangement::kHeads:
        return heads(i, count);
      case Arrangement::kThirds:
        return third(i, count);
      case Arrangement::kTransposed:
        return transposed();
      case Arrangement::kRow:
        return row();
    }
    return entry_;
  }

  [[noreturn]] void refuse(const std::string& expected) const {
    fail(file_.path(), ": tensor '", shown(entry_.name), "': expected ", expected, ", got ",
         shown(entry_.shape));
  }

  TensorEntry linear() const {
    auto result = entry_;
    while (result.shape.size() > 2 && result.shape.back() == 1) result.shape.pop_back();
    return result;
  }

  TensorEntry row() const {
    auto result = entry_;
    result.shape.insert(result.shape.begin(), 1);
    return result;
  }

  TensorEntry transposed() const {
    if (entry_.shape.size() != 2) refuse("two sizes");
    auto result = entry_;
    auto array = array_of(entry_);
    if (array.sizes != entry_.shape) refuse("a tensor in one piece");
    std::swap(array.sizes[0], array.sizes[1]);
    std::swap(array.strides[0], array.strides[1]);
    result.layout = std::move(array);
    std::swap(result.shape[0], result.shape[1]);
    return result;
  }

  /// Rows i, i + count, i + 2 count, ... of the blocks.
  TensorEntry heads(int64_t i, int64_t count) const {
    auto result = linear();
    const auto rows = result.shape.empty() ? 0 : result.shape[0];
    if (rows == 0 || rows % (count * head_width_) != 0 || entry_.layout) {
      refuse("a multiple of " + std::to_string(count) + " x " + std::to_string(head_width_) +
             " rows");
    }
    const auto row = entry_.numel() / rows;  // its elements
    const auto block = head_width_ * row;
    const auto blocks = rows / (count * head_width_);
    result.shape[0] = rows / count;
    result.layout = TensorLayout{{blocks, block}, {count * block, 1}};
    move(result, i * block, ((blocks - 1) * count + 1) * block);
    return result;
  }

  TensorEntry third(int64_t i, int64_t count) const {
    if (entry_.shape.empty() || entry_.shape[0] % count != 0 || entry_.layout) {
      refuse("a multiple of " + std::to_string(count) + " rows");
    }
    auto result = entry_;
    result.shape[0] /= count;
    move(result, i * result.numel(), result.numel());
    return result;
  }

  void move(TensorEntry& result, int64_t begin, int64_t count) const {
    const auto element = dtype_bits(entry_.dtype) / 8;
    result.begin = entry_.begin + static_cast<uint64_t>(begin) * element;
    result.end = result.begin + static_cast<uint64_t>(count) * element;
  }

  const TensorFile& file_;
  const TensorEntry& entry_;
  const NewPlace& place_;
  int64_t head_width_;
};

}  // namespace

std::optional<NewPlace> find_layer(const std::vector<LayerName>& table, std::string_view name,
                                   const std::string& new_prefix) {
  for (const auto& [original, place] : table) {
    if (!name.starts_with(original)) continue;
    const auto ending = name.substr(original.size());
    if (!ending.empty() && ending != ".weight" && ending != ".bias") continue;
    auto found = place;
    for (auto& each : found.names) each = new_prefix + each + std::string(ending);
    return found;
  }
  return {};
}

bool take_prefix(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

std::optional<int64_t> take_number(std::string_view& name) {
  const auto dot = name.substr(0, 10).find('.');
  if (dot == name.npos) return {};
  const auto number = parse_number<int64_t>(name.substr(0, dot));
  if (!number || *number < 0) return {};
  name.remove_prefix(dot + 1);
  return number;
}

std::vector<Checkpoint::Placed> rearranged(const std::shared_ptr<const TensorFile>& file,
                                           const Layout& layout, int64_t head_width) {
  std::vector<Checkpoint::Placed> all;
  std::set<std::string> names;
  for (const auto& entry : file->entries()) {
    const auto place = layout(entry.name);
    if (!place) continue;
    for (auto& moved : Rearrangement(*file, entry, *place, head_width).entries()) {
      if (!names.insert(moved.name).second) {
        fail(file->path(), ": tensor '", shown(entry.name), "' and another one are both '",
             shown(moved.name), "'");
      }
      all.push_back({file, std::move(moved)});
    }
  }
  return all;
}

}  // namespace unclip
