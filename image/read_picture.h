#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// How large an image `read_picture` reads: JPEG's longest side, 134 million pixels.
constexpr PictureLimits kPictureLimits = {.side = 65535, .pixels = int64_t{1} << 27};

/// Whether the file is a regular one that begins as an image of a known format.
bool begins_as_picture(const std::filesystem::path& path);

/// An image from anywhere, of any ImageFormat, by its first bytes -> (3, H, W) uint8, red, green,
/// blue. It stands upright by its metadata, transparent pixels lie over white, 16 bits become their
/// upper 8, CMYK becomes RGB; a colour profile is not applied. The pixels are Pillow's, those of
/// JPEG, TIFF, AVIF and HEIC to within rounding.
/// Nothing in the file is trusted: throws Error if it is no image, is not whole, or is beyond
/// kPictureLimits.
at::Tensor read_picture(const std::filesystem::path& path);
/// The same of a file's bytes; `name` is its name in messages.
at::Tensor decode_picture(std::string_view bytes, const std::string& name);

/// The image as it is stored, with its metadata. Throws Error as above.
DecodedImage decode_image(std::string_view bytes, const std::string& name);

}  // namespace unclip
