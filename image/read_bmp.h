#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes a BMP of 1 to 32 bits per pixel; those of 4 and 8 bits may be run-length compressed.
/// Messages call the file `name`.
/// Throws Error unless it is a complete BMP within the limits.
DecodedImage decode_bmp(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
