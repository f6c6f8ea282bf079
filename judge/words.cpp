#include "judge/words.h"

#include <array>
#include <cstddef>

namespace unclip::judge {

namespace {
template <size_t N, class Word>
std::string_view at(const std::array<std::string_view, N>& names, Word word) {
  return names.at(static_cast<size_t>(word));
}
}  // namespace

std::string_view name(Shape shape) {
  static constexpr std::array<std::string_view, 7> kNames = {"unknown", "ball", "cube", "cylinder",
                                                             "cone",    "ring", "star"};
  return at(kNames, shape);
}

std::string_view name(Colour colour) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "unknown", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"};
  return at(kNames, colour);
}

std::string_view name(Size size) {
  static constexpr std::array<std::string_view, 3> kNames = {"unknown", "small", "big"};
  return at(kNames, size);
}

std::string_view name(Background background) {
  static constexpr std::array<std::string_view, 5> kNames = {"unknown", "white", "sky", "mint",
                                                             "night"};
  return at(kNames, background);
}

std::string_view name(Relation relation) {
  static constexpr std::array<std::string_view, 6> kNames = {"and",   "left of", "right of",
                                                             "above", "below",   "next to"};
  return at(kNames, relation);
}

}  // namespace unclip::judge
