#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes the first image of a TIFF, in any encoding that libtiff can convert to RGBA. Messages
/// call the file `name`. Throws Error unless it is a complete TIFF within the limits.
DecodedImage decode_tiff(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

}  // namespace unclip
