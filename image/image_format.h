#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// The kinds of image file that are read. The table in image_format.cpp has their file names'
/// extensions and first bytes; no other list of them exists.
enum class ImageFormat { kPng, kJpeg, kWebp, kGif, kBmp, kTiff, kAvif, kHeic };

/// How many first bytes `format_of_bytes` looks at.
constexpr size_t kImageMagicBytes = 32;

/// The format's name in messages: "JPEG".
std::string_view format_name(ImageFormat format);

/// The format that a file's first bytes show. Nothing if they show none of the above.
std::optional<ImageFormat> format_of_bytes(std::string_view first_bytes);

/// The format of a file name's extension, in upper or lower case.
std::optional<ImageFormat> format_of_name(const std::filesystem::path& path);

/// Whether images are written in the format: PNG, JPEG and WebP are.
bool is_written(ImageFormat format);

/// The extensions of the formats that are written: ".png, .jpg, ... or .webp".
std::string written_extensions();

/// "a JPEG image", or for formats that are not read "a JPEG XL image"; empty for other bytes.
std::string describe_image(std::string_view first_bytes);

}  // namespace unclip
