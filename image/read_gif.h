#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes the first frame of a GIF, at the size of its screen. Pixels that the frame does not
/// cover are transparent, so white, as in browsers. Messages call the file `name`. Throws Error
/// unless the frame is complete and the screen within the limits.
DecodedImage decode_gif(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
