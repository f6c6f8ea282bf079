#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes a lossy or lossless WebP; of an animation, the first frame on its canvas. Messages call
/// the file `name`. Throws Error unless it is a complete WebP within the limits.
DecodedImage decode_webp(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

/// The metadata, without the pixels. Throws Error unless the file is as long as its chunks.
ImageMetadata decode_webp_metadata(std::string_view bytes, const std::string& name);

}  // namespace unclip
