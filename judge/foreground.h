#pragma once

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// What stands before what.
struct Scenery {
  Background background = Background::kUnknown;
  Mask foreground;
};

/// Finds the background as the frame's median colour, and the pixels that are neither it nor it in
/// shadow. The border of an object is where the contrast has fallen to half of the object's own, so
/// that a blurred picture's objects keep their size.
Scenery find_foreground(const Raster& raster);

}  // namespace unclip::judge
