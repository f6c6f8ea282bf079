#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// Decodes a BMP whose pixels are numbers in a table of colours: of 1, 4 or 8 bits uncompressed, or
/// of 4 or 8 bits run-length compressed. Pixels that the run lengths skip have the first colour;
/// numbers that are not in the table are black. Messages call the file `name`. Throws Error unless
/// it is a complete BMP within the limits.
DecodedImage decode_indexed_bmp(std::string_view bytes, const std::string& name,
                                const PictureLimits& limits);

}  // namespace unclip
