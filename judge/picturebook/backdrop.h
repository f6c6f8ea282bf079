#pragma once

#include <array>

#include "judge/picturebook/kinds.h"
#include "judge/raster.h"

namespace unclip::judge::picturebook {

/// What is behind the objects: the kind, and the colour of each row of the working grid.
struct Backdrop {
  Background background = Background::kUnknown;
  std::array<Rgb, kSide> rows = {};
};

/// Finds the background from the left and right borders: of the backgrounds with a horizon at any
/// usual height, the one whose colours are nearest. Objects may touch the borders.
Backdrop find_backdrop(const Raster& raster);

}  // namespace unclip::judge::picturebook
