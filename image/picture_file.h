#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace unclip {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using PictureFile = std::unique_ptr<std::FILE, FileCloser>;

/// Opens a picture's file to read it. Throws Error where it is a folder, a device, or is not to be
/// read.
PictureFile open_picture(const std::filesystem::path& path);

/// How large a picture may be that is read.
struct PictureLimits {
  int64_t side;    ///< rows, and columns
  int64_t pixels;  ///< their product
};

/// Throws Error where a picture of this size is beyond the limits. It is for a header's promise,
/// before any memory is asked for.
void check_limits(const std::filesystem::path& path, int64_t height, int64_t width,
                  const PictureLimits& limits);

}  // namespace unclip
