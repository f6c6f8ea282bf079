#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

#include "image/picture_file.h"

namespace unclip {

/// How large a picture `read_picture` reads: JPEG's longest side, 134 million pixels.
constexpr PictureLimits kPictureLimits = {.side = 65535, .pixels = int64_t{1} << 27};

/// Is it a file that begins as PNG or JPEG?
bool begins_as_picture(const std::filesystem::path& path);

/// A picture from anywhere, PNG or JPEG by its first bytes -> (3, H, W) uint8, red, green, blue.
/// It stands upright by its EXIF, what is transparent lies over white, 16 bits become their upper
/// 8, CMYK becomes RGB; a colour profile is not applied. The pixels are Pillow's, those of a JPEG
/// to within 1.
/// Nothing in the file is trusted: throws Error where it is no picture, is not whole, or is beyond
/// kPictureLimits.
at::Tensor read_picture(const std::filesystem::path& path);

}  // namespace unclip
