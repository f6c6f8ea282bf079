#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// A BMP of 1 to 32 bits; those of 4 and 8 may be compressed by run lengths. `name` is the file's,
/// for messages.
/// Throws Error unless it is a whole one within the limits.
DecodedImage decode_bmp(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
