#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace unclip {

/// The bytes of an image's file, which may also be a pipe. Throws Error if it is a folder, cannot
/// be read, or has more than kMostImageBytes. Of what begins as no image only a piece is read.
std::string read_image_bytes(const std::filesystem::path& path);
/// Its first kImageMagicBytes bytes, or all if it has fewer.
std::string read_magic_bytes(const std::filesystem::path& path);

constexpr int64_t kMostImageBytes = int64_t{1} << 30;

/// How large an image may be.
struct PictureLimits {
  int64_t side;    ///< rows, and columns
  int64_t pixels;  ///< their product
};

/// Throws Error if an image of this size is beyond the limits. It is called with what a header
/// says, before any memory is allocated. `name` is the file's, for the message.
void check_limits(const std::string& name, int64_t height, int64_t width,
                  const PictureLimits& limits);

}  // namespace unclip
