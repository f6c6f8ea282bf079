#pragma once

#include <vector>

#include "judge/picturebook/backdrop.h"
#include "judge/raster.h"

namespace unclip::judge::picturebook {

/// What an image shows beyond its backdrop: colours minus the backdrop's, on the working grid and
/// on grids of a half and a quarter of its side.
class Difference {
 public:
  /// Pixels that are not in `shown` count as backdrop.
  Difference(const Raster& difference, const Mask& shown);

  /// Bilinear at (x, y) in the unit square, from the grid whose pixels are nearest to `step` in
  /// size, and not much larger.
  Rgb sample(double x, double y, double step) const;
  /// The sum of squares, in pixels of the working grid.
  double energy() const { return energy_; }

 private:
  struct Level {
    int side;
    std::vector<Rgb> values;
  };
  std::vector<Level> levels_;
  double energy_ = 0;
};

Raster subtract(const Raster& raster, const Backdrop& backdrop);

}  // namespace unclip::judge::picturebook
