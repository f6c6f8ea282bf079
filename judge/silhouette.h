#pragma once

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// Whether the point (u, v) is inside the shape. u and v are relative to its centre, in units of
/// its radius; v points downwards.
bool inside(Shape shape, double u, double v);

/// The place and radius (in pixels of the working grid) at which a shape's silhouette overlaps a
/// mask best, and that overlap as intersection over union.
struct Fit {
  Shape shape = Shape::kUnknown;
  double x = 0, y = 0, r = 0;
  double overlap = 0;
};

Fit fit(Shape shape, const Mask& mask);

}  // namespace unclip::judge
