#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "world/picturebook/objects.h"

namespace unclip::world::picturebook {

/// A point's colour, multiplied by its opacity, and the opacity: red, green, blue, opacity in [0,
/// 1].
using Rgba = std::array<float, 4>;

/// An object's drawing at its own size, half of it, a quarter and so on, so that it can be sampled
/// at any size.
class Sprite {
 public:
  /// RGBA bytes, row by row, whose colours are not multiplied by the opacity.
  Sprite(int width, int height, const std::vector<uint8_t>& pixels);

  int width() const { return levels_.front().width; }
  int height() const { return levels_.front().height; }

  /// The bilinearly interpolated value at (x, y), in pixels of the largest level from its upper
  /// left corner; a pixel of the image covers `step` of those. Outside of the drawing it is
  /// transparent.
  Rgba sample(float x, float y, float step) const;

 private:
  struct Level {
    int width, height;
    std::vector<uint8_t> pixels;  // colours multiplied by opacity
  };
  std::vector<Level> levels_;
};

/// The drawing of an object that is not a solid, without an empty margin.
const Sprite& sprite(Kind kind);

/// Half of the kind's width and height, in units of its r.
double half_width(Kind kind);
double half_height(Kind kind);

}  // namespace unclip::world::picturebook
