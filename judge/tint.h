#pragma once

#include <vector>

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// The colour of an object, found by the hue of its pixels, which neither shading nor a highlight
/// changes, and for the two colours with the same hue (brown is a dark orange) by their lightness.
/// kUnknown if the pixels disagree or are not clearly one of the eight colours.
Colour colour_of(const Raster& raster, const Mask& object);

/// The object divided in two if it has two colours, each on a large part of it; otherwise only the
/// object.
std::vector<Mask> split_by_colour(const Raster& raster, const Mask& object);

}  // namespace unclip::judge
