#include "image/picture_file.h"

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace unclip {

namespace fs = std::filesystem;

PictureFile open_picture(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  if (fs::is_directory(status)) fail(path, ": is a folder; a picture's file is wanted");
  // To open a pipe is to wait for its writer.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail(path, ": is a device or a pipe; a picture's file is wanted");
  }
  PictureFile file(std::fopen(path.c_str(), "rbe"));
  if (!file) fail(path, ": cannot be read: ", std::strerror(errno));
  return file;
}

void check_limits(const fs::path& path, int64_t height, int64_t width,
                  const PictureLimits& limits) {
  if (height > limits.side || width > limits.side) {
    fail(path, ": is ", width, " x ", height, " pixels; at most ", limits.side,
         " rows and columns are read");
  }
  if (height * width > limits.pixels) {
    fail(path, ": is ", width, " x ", height, " pixels; at most ", limits.pixels,
         " pixels are read");
  }
}

}  // namespace unclip
