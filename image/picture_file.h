#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace unclip {

/// The bytes of an image file, which may also be a pipe. Throws Error if it is a folder, cannot be
/// read, or has more than kMostImageBytes. Only the beginning is returned if it is not that of an
/// image.
std::string read_image_bytes(const std::filesystem::path& path);
/// The file's first kImageMagicBytes bytes, or all if it has fewer.
std::string read_magic_bytes(const std::filesystem::path& path);

constexpr int64_t kMostImageBytes = int64_t{1} << 30;

/// The largest image that is accepted.
struct PictureLimits {
  int64_t side;    ///< rows, and also columns
  int64_t pixels;  ///< rows times columns
};

/// Throws Error if an image of this size is beyond the limits. Call it with the size in a header,
/// before allocating memory. The message calls the file `name`.
void check_limits(const std::string& name, int64_t height, int64_t width,
                  const PictureLimits& limits);

}  // namespace unclip
