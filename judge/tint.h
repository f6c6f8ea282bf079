#pragma once

#include <vector>

#include "judge/raster.h"
#include "judge/words.h"

namespace unclip::judge {

/// The colour of an object, from its pixels: their hue, which neither shading nor a highlight
/// changes, and for the two that share a hue (brown is a dark orange) their lightness. kUnknown
/// when the pixels disagree or are none of the eight clearly.
Colour colour_of(const Raster& raster, const Mask& object);

/// The object cut in two where it has two colours, each a good part of it; else the object alone.
std::vector<Mask> split_by_colour(const Raster& raster, const Mask& object);

}  // namespace unclip::judge
