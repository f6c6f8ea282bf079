#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes the primary image of an AVIF or HEIC. It is upright: libheif applies the file's irot and
/// imir. These replace any orientation in the EXIF, so the metadata has none. Messages call the
/// file `name`. Throws Error unless it is a complete file within the limits.
DecodedImage decode_heif(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

}  // namespace unclip
