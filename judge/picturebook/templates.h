#pragma once

#include <array>
#include <vector>

#include "judge/picturebook/kinds.h"

namespace unclip::judge::picturebook {

/// Cells of a template's side, and half of that side in units of the object's radius, which is half
/// of its longer side (of a solid: its radius).
inline constexpr int kCells = 26;
inline constexpr double kExtent = 1.3;

/// An object with its shadow, seen through: each cell's colour times its opacity, and the opacity.
struct Template {
  std::array<std::array<float, 4>, kCells* kCells> cells = {};
  /// The box of what is visible, in units of the radius from the centre.
  double left = 0, right = 0, top = 0, bottom = 0;
};

/// One for each kind, made once from templates.png.
const std::vector<Template>& templates();

}  // namespace unclip::judge::picturebook
