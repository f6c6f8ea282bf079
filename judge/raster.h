#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace unclip::judge {

struct Picture;

/// The working grid has kSide x kSide pixels, whatever the image's size; everything is measured on
/// it.
constexpr int kSide = 128;
constexpr int kPixels = kSide * kSide;

/// The least number of pixels of an object on the working grid; the smallest star has over 350.
constexpr int kLeastArea = 100;

using Rgb = std::array<float, 3>;
using Raster = std::vector<Rgb>;    // kPixels, row by row
using Mask = std::vector<uint8_t>;  // kPixels, 0 or 1

/// Resizes the image to the working grid, in [0, 1], by cubic interpolation, antialiased if it
/// shrinks.
Raster resample(const Picture& picture);

/// Reduces noise: mixes each pixel with its neighbours, with weights (1 2 1) / 4 in both
/// directions.
Raster smoothed(const Raster& raster);

/// The pixels of the mask whose neighbours up to a distance of `steps` are all in the mask.
Mask eroded(const Mask& mask, int steps);

/// The mask and the pixels next to it.
Mask grown(const Mask& mask);

int area(const Mask& mask);

/// The 8-connected parts of the mask with at least kLeastArea pixels, largest first.
std::vector<Mask> components(const Mask& mask);

/// The mask with small holes filled: those that are 4-connected, do not reach the frame and are
/// smaller than `share` of its area.
Mask without_small_holes(const Mask& mask, double share);

}  // namespace unclip::judge
