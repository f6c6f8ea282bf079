#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Any JPEG of libjpeg's, baseline or progressive: grey, YCbCr, RGB, CMYK and YCCK, which become
/// colours. A colour profile is not applied. The metadata has what the file's APP1 segments hold,
/// XMP that is divided among several included. `name` is the file's, for messages.
/// Throws Error unless it is a whole JPEG within the limits.
DecodedImage decode_jpeg(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

/// The metadata, without the pixels. Throws Error unless the file begins as a JPEG within the
/// limits.
ImageMetadata decode_jpeg_metadata(std::string_view bytes, const std::string& name,
                                   const PictureLimits& limits);

}  // namespace unclip
