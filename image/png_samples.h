#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// The content of a PNG.
struct PngSamples {
  at::Tensor rgba;         ///< (H, W, 4), uint8, or uint16 if the file has 16 bits
  ImageMetadata metadata;  ///< eXIf, and all texts; XMP only among the texts
};

/// Decodes the bytes of any PNG. Grey and palettes become colours; an image without alpha is
/// opaque. Messages call the file `name`. Throws Error unless it is a complete PNG within the
/// limits.
PngSamples decode_png_samples(std::string_view bytes, const std::string& name,
                              const PictureLimits& limits);

/// The metadata, with its texts in the file's order, as UTF-8. Throws Error as above, but does not
/// read the rows.
ImageMetadata decode_png_metadata(std::string_view bytes, const std::string& name,
                                  const PictureLimits& limits);

/// Decodes a PNG of 8 or 16 bits, of which the upper 8 are kept. Throws Error as above.
DecodedImage decode_png(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
