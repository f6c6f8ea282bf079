#pragma once

#include <array>

#include "judge/picturebook/kinds.h"
#include "judge/raster.h"

namespace unclip::judge::picturebook {

/// The background of an image: its kind, and its colour in each row of the working grid.
struct Backdrop {
  Background background = Background::kUnknown;
  std::array<Rgb, kSide> rows = {};
};

/// Finds the background from the left and right borders: it is the one whose colours are nearest,
/// among all backgrounds and all usual heights of the horizon. Objects may touch the borders.
Backdrop find_backdrop(const Raster& raster);

}  // namespace unclip::judge::picturebook
