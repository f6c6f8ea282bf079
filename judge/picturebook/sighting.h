#pragma once

#include <vector>

#include "judge/judge.h"
#include "judge/picturebook/kinds.h"

namespace unclip::judge::picturebook {

/// One object as an image shows it. x, y (downwards) and r are in units of the image's side; r is
/// half of the object's longer side, or a solid's radius.
struct Seen {
  int kind = kUnknownKind;
  Size size = Size::kUnknown;
  double x = 0, y = 0, r = 0;
  /// How well the kind's template fits, at most 1, and the next kind's.
  double score = 0, runner_up = 0;
};

/// What an image shows; objects from left to right.
struct Sighting {
  Background background = Background::kUnknown;
  std::vector<Seen> objects;
};

/// Reads an image of the picture book: the background from the borders, then object by object the
/// template that explains best what is in front of it. Knows no network and no renderer. Throws
/// Error if the image is too small, too large or not finite.
Sighting look(const Picture& picture);

}  // namespace unclip::judge::picturebook
