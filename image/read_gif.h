#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// The first frame of a GIF on its screen; what the frame leaves free is transparent, so white, as
/// in browsers. `name` is the file's, for messages. Throws Error unless the frame is whole and
/// the screen within the limits.
DecodedImage decode_gif(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
