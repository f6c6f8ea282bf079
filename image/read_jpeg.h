#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes any JPEG that libjpeg reads, baseline or progressive: grey, YCbCr, RGB, CMYK and YCCK,
/// which all become RGB. A colour profile is not applied. The metadata has the content of the
/// file's APP1 segments, including XMP that is divided among several. Messages call the file
/// `name`.
/// Throws Error unless it is a complete JPEG within the limits.
DecodedImage decode_jpeg(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits);

/// The metadata, without the pixels. Throws Error unless the file begins as a JPEG within the
/// limits.
ImageMetadata decode_jpeg_metadata(std::string_view bytes, const std::string& name,
                                   const PictureLimits& limits);

}  // namespace unclip
