#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// The largest image that `read_picture` accepts: JPEG's longest side, 134 million pixels.
constexpr PictureLimits kPictureLimits = {.side = 65535, .pixels = int64_t{1} << 27};

/// Whether the path is a regular file that begins like an image of a known format.
bool begins_as_picture(const std::filesystem::path& path);

/// Reads an image of any ImageFormat, which its first bytes identify -> (3, H, W) uint8, red,
/// green, blue. The image is turned upright by its metadata, transparent pixels are blended with
/// white, of 16 bits the upper 8 are kept, CMYK becomes RGB; a colour profile is not applied. The
/// pixels are equal to Pillow's; for JPEG, TIFF, AVIF and HEIC up to rounding.
/// Nothing in the file is trusted: throws Error if it is not an image, is not complete, or is
/// beyond kPictureLimits.
at::Tensor read_picture(const std::filesystem::path& path);
/// The same for a file's bytes; messages call it `name`.
at::Tensor decode_picture(std::string_view bytes, const std::string& name);

/// The image as it is stored, with its metadata. Throws Error as above.
DecodedImage decode_image(std::string_view bytes, const std::string& name);

}  // namespace unclip
