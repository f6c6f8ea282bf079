#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace unclip {

/// An image of at most 256 colours.
struct PalettePicture {
  std::vector<std::array<uint8_t, 3>> colours;  ///< red, green, blue
  std::vector<uint8_t> pixels;                  ///< index of the colour of each pixel, row by row
};

/// image (3, H, W) uint8 -> the image in at most 256 colours that are chosen for it. It is
/// unchanged if it has no more than 256.
PalettePicture with_palette(const at::Tensor& image);

}  // namespace unclip
