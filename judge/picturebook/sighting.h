#pragma once

#include <vector>

#include "judge/judge.h"
#include "judge/picturebook/kinds.h"

namespace unclip::judge::picturebook {

/// An object that the judge has found in an image. x, y (downwards) and r are in units of the
/// image's side; r is half of the object's longer side, or a solid's radius.
struct Seen {
  int kind = kUnknownKind;
  Size size = Size::kUnknown;
  double x = 0, y = 0, r = 0;
  /// How well the template of the kind fits, at most 1, and that of the next best kind.
  double score = 0, runner_up = 0;
};

/// The content of an image; objects are sorted from left to right.
struct Sighting {
  Background background = Background::kUnknown;
  std::vector<Seen> objects;
};

/// Recognises an image of the picture book: the background from the borders, then for each object
/// in front of it the template that fits best. It uses neither a network nor the renderer. Throws
/// Error if the image is too small, too large or not finite.
Sighting look(const Picture& picture);

}  // namespace unclip::judge::picturebook
