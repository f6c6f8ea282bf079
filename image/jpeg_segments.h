#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/decoded_image.h"

namespace unclip {

/// The largest size of a JPEG segment in bytes, without the marker and the length.
constexpr size_t kMostSegmentBytes = 65533;

/// The EXIF and XMP in the contents of a JPEG's APP1 segments, which are passed in the file's
/// order. EXIF of several segments is joined. Of several XMP packets the last is used; it is
/// followed by the parts of the extended XMP up to the first gap.
ImageMetadata metadata_of_segments(const std::vector<std::string_view>& segments);

/// The contents of APP1 segments that hold the EXIF and the XMP. An XMP packet too large for one
/// segment is stored as extended XMP, a separate RDF document in as many segments as it needs.
/// Adobe, XMP Specification Part 3 (2020), section 1.1.3,
/// https://github.com/adobe/XMP-Toolkit-SDK/blob/main/docs/XMPSpecificationPart3.pdf
std::vector<std::string> segments_of_metadata(const ImageMetadata& metadata);

}  // namespace unclip
