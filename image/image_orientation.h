#pragma once

#include "image/decoded_image.h"

namespace unclip {

/// Which way an image is stored, 1 (upright) to 8, as Pillow's ImageOps.exif_transpose finds it:
/// by the tag of a TIFF or by EXIF, which in a PNG may also be the text `Raw profile type exif`; if
/// that has no orientation, by XMP. 1 if the metadata has none or a value that means nothing.
int image_orientation(const ImageMetadata& metadata);

}  // namespace unclip
