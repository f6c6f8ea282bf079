#pragma once

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// A BMP whose pixels are numbers in a table of colours: of 1, 4 or 8 bits, uncompressed, or of 4
/// or 8 bits compressed by run lengths. Pixels that the run lengths skip have the first colour,
/// numbers that are not in the table are black. `name` is the file's, for messages. Throws Error
/// unless it is a whole one within the limits.
DecodedImage decode_indexed_bmp(std::string_view bytes, const std::string& name,
                                const PictureLimits& limits);

}  // namespace unclip
