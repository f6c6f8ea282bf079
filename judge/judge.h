#pragma once

#include <vector>

#include "judge/words.h"

namespace unclip::judge {

/// A picture that is only looked at: three planes (red, green, blue) of height x width floats in
/// [0, 1], row by row. Any size from 16 to 4096.
struct Picture {
  int width = 0;
  int height = 0;
  const float* rgb_chw = nullptr;
};

/// One object as a picture shows it. x, y (downwards) and r are in units of the picture's side;
/// r is the shape's radius in the sense of the toy world (a silhouette's scale).
struct Seen {
  Shape shape = Shape::kUnknown;
  Colour colour = Colour::kUnknown;
  Size size = Size::kUnknown;
  double x = 0, y = 0, r = 0;
  /// Overlap (intersection over union) of the object with the silhouette that fits it best.
  double overlap = 0;
  /// How far ahead of the second-best shape that is.
  double margin = 0;
};

/// What a picture shows; objects from left to right.
struct Sighting {
  Background background = Background::kUnknown;
  std::vector<Seen> objects;
};

/// Reads a picture of the toy world by classical image analysis: background from the frame,
/// foreground by contrast with shadows suppressed, one blob an object, its colour by hue and
/// lightness, its shape by the best-fitting of six silhouettes. Knows no network and no renderer.
/// Throws Error for a picture that is too small, too large or not finite.
Sighting look(const Picture& picture);

}  // namespace unclip::judge
