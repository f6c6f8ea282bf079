#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// A WebP, with or without loss; of an animation the first frame on its canvas. `name` is the
/// file's, for messages. Throws Error unless it is a whole WebP within the limits.
DecodedImage decode_webp(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

}  // namespace unclip
