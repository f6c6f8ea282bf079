#pragma once

#include <vector>

#include "judge/words.h"

namespace unclip::judge {

/// A view of an image: three planes (red, green, blue) of height x width floats in [0, 1], row by
/// row. Any size from 16 to 4096.
struct Picture {
  int width = 0;
  int height = 0;
  const float* rgb_chw = nullptr;
};

/// An object that the judge has found in an image. x, y (downwards) and r are in units of the
/// image's side; r is the shape's radius as the toy world defines it (the scale of its silhouette).
struct Seen {
  Shape shape = Shape::kUnknown;
  Colour colour = Colour::kUnknown;
  Size size = Size::kUnknown;
  double x = 0, y = 0, r = 0;
  /// Intersection over union of the object and the silhouette that fits it best.
  double overlap = 0;
  /// The difference between this overlap and that of the second-best shape.
  double margin = 0;
};

/// The content of an image; objects are sorted from left to right.
struct Sighting {
  Background background = Background::kUnknown;
  std::vector<Seen> objects;
};

/// Recognises an image of the toy world by classical image analysis: the background from the frame,
/// the foreground by contrast with shadows suppressed, each blob as an object, its colour by hue
/// and lightness, its shape by the best-fitting of six silhouettes. It uses neither a network nor
/// the renderer. Throws Error for an image that is too small, too large or not finite.
Sighting look(const Picture& picture);

}  // namespace unclip::judge
