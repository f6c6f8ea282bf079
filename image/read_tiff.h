#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// The first image of a TIFF, in every encoding that libtiff makes RGBA of. `name` is the file's,
/// for messages. Throws Error unless it is a whole one within the limits.
DecodedImage decode_tiff(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

}  // namespace unclip
