#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "image/picture_file.h"

namespace unclip {

/// What a JPEG holds.
struct JpegPicture {
  at::Tensor rgb;             ///< (3, H, W) uint8, as it lies in the file
  std::vector<uint8_t> exif;  ///< the block of EXIF, empty where there is none
};

/// Any JPEG of libjpeg's, baseline or progressive: grey, YCbCr, RGB, CMYK and YCCK, which become
/// colours. A colour profile is not applied.
/// Throws Error where the file is no whole JPEG, or is beyond the limits.
JpegPicture read_jpeg(const std::filesystem::path& path, const PictureLimits& limits);

}  // namespace unclip
