#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "image/picture_file.h"

namespace unclip {

/// What a PNG's picture consists of.
struct PngSamples {
  at::Tensor rgba;            ///< (H, W, 4), uint8 or, where the file has 16 bits, uint16
  std::vector<uint8_t> exif;  ///< the block of EXIF, empty where there is none
};

/// Any PNG; greys and palettes become colours, what has no alpha is opaque.
/// Throws Error where the file is no whole PNG, or is beyond the limits.
PngSamples read_png_samples(const std::filesystem::path& path, const PictureLimits& limits);

}  // namespace unclip
