#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/decoded_image.h"

namespace unclip {

/// Most bytes of a JPEG's segment, without the marker and the length.
constexpr size_t kMostSegmentBytes = 65533;

/// EXIF and XMP in the contents of a JPEG's APP1 segments, in the file's order. EXIF of several
/// segments is joined; of several XMP packets the last is taken, and the parts of extended XMP
/// that the file holds without a gap follow it.
ImageMetadata metadata_of_segments(const std::vector<std::string_view>& segments);

/// The contents of APP1 segments that hold the EXIF and the XMP. An XMP packet that one segment
/// cannot hold is `extended`, an RDF document of its own in as many segments as it needs.
/// Adobe, XMP Specification Part 3 (2020), section 1.1.3,
/// https://github.com/adobe/XMP-Toolkit-SDK/blob/main/docs/XMPSpecificationPart3.pdf
std::vector<std::string> segments_of_metadata(const ImageMetadata& metadata);

}  // namespace unclip
