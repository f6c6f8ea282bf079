#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace unclip {

/// A picture of few colours.
struct PalettePicture {
  std::vector<std::array<uint8_t, 3>> colours;  ///< red, green, blue; 256 at most
  std::vector<uint8_t> pixels;                  ///< the colour of each, row by row
};

/// image (3, H, W) uint8 -> itself in colours that are chosen for it; exactly itself where it has
/// no more than 256.
PalettePicture with_palette(const at::Tensor& image);

}  // namespace unclip
