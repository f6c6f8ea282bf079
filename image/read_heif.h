#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// The primary image of an AVIF or HEIC. It is upright: libheif turns it by the file's irot and
/// imir, for which the format's EXIF says nothing about orientation, and the metadata has none.
/// `name` is the file's, for messages. Throws Error unless it is a whole one within the limits.
DecodedImage decode_heif(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

}  // namespace unclip
