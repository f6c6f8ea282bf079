#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "image/decoded_image.h"

namespace unclip {

/// The texts of an image of any format: a PNG's own; of others the EXIF's UserComment as
/// `parameters`, as AUTOMATIC1111's web UI writes it, and what `metadata_of_texts` put into XMP.
std::vector<PngText> texts_of_metadata(const ImageMetadata& metadata);
/// The texts of a PNG, JPEG or WebP, for which no pixels are decoded; none of any other format.
/// Throws Error if the file is damaged before or within them. `name` is its name in messages.
std::vector<PngText> decode_image_texts(std::string_view bytes, const std::string& name);
/// The same of a file.
std::vector<PngText> read_image_texts(const std::filesystem::path& path);

/// The same texts as EXIF and XMP, for a JPEG or a WebP: `parameters` becomes the UserComment, all
/// of them, `parameters` too, are in the XMP, in the namespace `urn:unclip:texts`. The EXIF has
/// at most `most_exif` bytes, for which the end of a long text is left out there.
ImageMetadata metadata_of_texts(const std::vector<PngText>& texts, size_t most_exif);

}  // namespace unclip
