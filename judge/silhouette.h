#pragma once

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// Whether (u, v), in units of the shape's radius around its centre, v downwards, lies in it.
bool inside(Shape shape, double u, double v);

/// The place (pixels of the working grid) and radius where a shape's silhouette overlaps a mask
/// best, and that overlap as intersection over union.
struct Fit {
  Shape shape = Shape::kUnknown;
  double x = 0, y = 0, r = 0;
  double overlap = 0;
};

Fit fit(Shape shape, const Mask& mask);

}  // namespace unclip::judge
