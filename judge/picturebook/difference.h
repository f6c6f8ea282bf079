#pragma once

#include <vector>

#include "judge/picturebook/backdrop.h"
#include "judge/raster.h"

namespace unclip::judge::picturebook {

/// The difference between an image and its backdrop: the image's colours minus the backdrop's, on
/// the working grid and on grids of a half and a quarter of its side.
class Difference {
 public:
  /// Pixels that are not in `shown` count as backdrop.
  Difference(const Raster& difference, const Mask& shown);

  /// The bilinearly interpolated value at (x, y) in the unit square, from the grid whose pixel size
  /// is nearest to `step` and not much larger.
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
