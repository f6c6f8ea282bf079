#pragma once

#include <array>
#include <vector>

#include "judge/picturebook/kinds.h"

namespace unclip::judge::picturebook {

/// The number of cells along a template's side, and half of that side in units of the object's
/// radius, which is half of its longer side (or for a solid, its radius).
inline constexpr int kCells = 26;
inline constexpr double kExtent = 1.3;

/// An object with its shadow: for each cell the colour multiplied by the opacity, and the opacity.
struct Template {
  std::array<std::array<float, 4>, kCells* kCells> cells = {};
  /// The box of what is visible, in units of the radius from the centre.
  double left = 0, right = 0, top = 0, bottom = 0;
};

/// The templates of all kinds, made once from templates.png.
const std::vector<Template>& templates();

}  // namespace unclip::judge::picturebook
