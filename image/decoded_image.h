#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "image/png_text.h"

namespace unclip {

/// What a file says about its image besides the pixels. All of it is copied from the file,
/// unchecked.
struct ImageMetadata {
  std::optional<int> orientation;  ///< of the format itself, as in TIFF; see image_orientation
  std::string exif;                ///< a TIFF structure; empty if the file has none
  std::string xmp;                 ///< an XMP packet; empty if the file has none
  std::vector<PngText> texts;      ///< of a PNG
};

/// An image as it is stored: not yet turned upright.
struct DecodedImage {
  at::Tensor rgb;  ///< (3, H, W) uint8; transparent pixels are blended with white
  ImageMetadata metadata;
};

}  // namespace unclip
