#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weights/checkpoint.h"

namespace unclip {

/// How a tensor of an original file is laid out beside the same tensor of the hubs' files.
enum class Arrangement {
  kSame,
  kLinear,      // a convolution of width 1: the sizes of 1 at the end are dropped
  kHeads,       // several tensors, whose rows alternate in blocks of a head's width; also kLinear
  kThirds,      // several tensors, whose rows follow each other
  kTransposed,  // (columns, rows)
  kRow,         // (D) -> (1, D)
};

/// Where a tensor of an original file goes: the names that the hubs' files give it, several if it
/// is a fused one.
struct NewPlace {
  std::vector<std::string> names;
  Arrangement arrangement = Arrangement::kSame;
};

/// The place of a tensor by its original name; nothing if it belongs to another part of the model,
/// or to none.
using Layout = std::function<std::optional<NewPlace>(std::string_view name)>;

/// A row of a table: the names of a layer, without the ending .weight or .bias.
struct LayerName {
  std::string_view original;
  NewPlace place;
};
/// Looks the name up in a table; the ending, and a prefix of the new names, are added. Nothing if
/// the table lacks it.
std::optional<NewPlace> find_layer(const std::vector<LayerName>& table, std::string_view name,
                                   const std::string& new_prefix = "");

/// If `name` begins with `prefix`, removes it.
bool take_prefix(std::string_view& name, std::string_view prefix);
/// Removes "N." from the front of `name`; nothing if it does not begin so.
std::optional<int64_t> take_number(std::string_view& name);

/// The tensors of a file at their new places; a tensor of heads is split into blocks of
/// `head_width` rows. Nothing is copied yet. Throws Error that names the file and the tensor if its
/// shape does not allow the arrangement, or two tensors have the same place.
std::vector<Checkpoint::Placed> rearranged(const std::shared_ptr<const TensorFile>& file,
                                           const Layout& layout, int64_t head_width = 1);

}  // namespace unclip
