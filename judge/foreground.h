#pragma once

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// An image divided into background and foreground.
struct Scenery {
  Background background = Background::kUnknown;
  Mask foreground;
};

/// Finds the background, which is the median colour of the frame, and the foreground: the pixels
/// that are neither background nor background in shadow. The border of an object is where the
/// contrast has fallen to half of the object's contrast, so that objects keep their size in a
/// blurred image.
Scenery find_foreground(const Raster& raster);

}  // namespace unclip::judge
