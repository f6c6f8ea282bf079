#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace unclip::judge {

struct Picture;

/// Everything is measured on one grid of kSide x kSide pixels, whatever the picture's size.
constexpr int kSide = 128;
constexpr int kPixels = kSide * kSide;

/// Pixels of the working grid that an object has at least; the smallest star has over 350.
constexpr int kLeastArea = 100;

using Rgb = std::array<float, 3>;
using Raster = std::vector<Rgb>;    // kPixels, row by row
using Mask = std::vector<uint8_t>;  // kPixels, 0 or 1

/// The picture on the working grid, in [0, 1]: cubic interpolation, antialiased when it shrinks.
Raster resample(const Picture& picture);

/// Each pixel mixed with its neighbours, weights (1 2 1) / 4 both ways: against noise.
Raster smoothed(const Raster& raster);

/// The pixels of the mask whose neighbours to a distance of `steps` are all in it.
Mask eroded(const Mask& mask, int steps);

/// The mask and the pixels beside it.
Mask grown(const Mask& mask);

int area(const Mask& mask);

/// The 8-connected parts of the mask with at least kLeastArea pixels, largest first.
std::vector<Mask> components(const Mask& mask);

/// The mask with those holes (4-connected, not reaching the frame) filled that are smaller than
/// `share` of its area.
Mask without_small_holes(const Mask& mask, double share);

}  // namespace unclip::judge
