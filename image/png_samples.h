#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/picture_file.h"

namespace unclip {

/// What a PNG holds.
struct PngSamples {
  at::Tensor rgba;         ///< (H, W, 4), uint8 or, where the file has 16 bits, uint16
  ImageMetadata metadata;  ///< eXIf, and all texts; no XMP but among the texts
};

/// Any PNG's bytes; greys and palettes become colours, what has no alpha is opaque. `name` is the
/// file's, for messages. Throws Error unless it is a whole PNG within the limits.
PngSamples decode_png_samples(std::string_view bytes, const std::string& name,
                              const PictureLimits& limits);

/// The metadata, its texts in the file's order, as UTF-8. Throws Error as above, but does not look
/// at the rows.
ImageMetadata decode_png_metadata(std::string_view bytes, const std::string& name,
                                  const PictureLimits& limits);

/// A PNG of 8 or 16 bits; of the latter the upper 8 are kept. Throws Error as above.
DecodedImage decode_png(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits);

}  // namespace unclip
