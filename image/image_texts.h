#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "image/decoded_image.h"

namespace unclip {

/// The texts of an image of any format. A PNG has texts of its own; in other formats they are the
/// UserComment of the EXIF, under the keyword `parameters`, as AUTOMATIC1111's web UI writes it,
/// and the texts that metadata_of_texts() put into the XMP.
std::vector<PngText> texts_of_metadata(const ImageMetadata& metadata);
/// The texts of a PNG, JPEG or WebP file, read without decoding its pixels; none for any other
/// format. Throws Error if the file is damaged before or within them. Messages call it `name`.
std::vector<PngText> decode_image_texts(std::string_view bytes, const std::string& name);
/// The same of a file.
std::vector<PngText> read_image_texts(const std::filesystem::path& path);

/// The texts as EXIF and XMP, for a JPEG or a WebP. The text `parameters` becomes the UserComment
/// of the EXIF; all texts, including `parameters`, are in the XMP, in the namespace
/// `urn:unclip:texts`. A long text is cut off in the EXIF, so that it has at most `most_exif`
/// bytes.
ImageMetadata metadata_of_texts(const std::vector<PngText>& texts, size_t most_exif);

}  // namespace unclip
