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

/// The metadata, without the pixels. Throws Error unless the file is as long as its chunks.
ImageMetadata decode_webp_metadata(std::string_view bytes, const std::string& name);

}  // namespace unclip
