#include "image/picture_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "image/image_format.h"

namespace unclip {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPiece = 1 << 16;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The first `most` bytes, or all if there are fewer. If they do not begin like an image, only the
/// first piece is read, because a device may never end.
std::string read_bytes(const fs::path& path, size_t most) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) fail(path, ": is a folder; expected an image file");
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  if (!file) fail(path, ": cannot be read: ", std::strerror(errno));
  std::string bytes;
  while (bytes.size() < most) {
    const auto had = bytes.size();
    bytes.resize(std::min(most, std::max(had + had / 2, kPiece)));
    bytes.resize(had + std::fread(bytes.data() + had, 1, bytes.size() - had, file.get()));
    if (bytes.size() == had || !format_of_bytes(bytes)) break;
  }
  if (std::ferror(file.get())) fail(path, ": cannot be read: ", std::strerror(errno));
  return bytes;
}

}  // namespace

std::string read_image_bytes(const fs::path& path) {
  auto bytes = read_bytes(path, kMostImageBytes + 1);
  if (bytes.size() > kMostImageBytes) {
    fail(path, ": expected an image file of at most ", kMostImageBytes, " bytes, found more");
  }
  return bytes;
}

std::string read_magic_bytes(const fs::path& path) { return read_bytes(path, kImageMagicBytes); }

void check_limits(const std::string& name, int64_t height, int64_t width,
                  const PictureLimits& limits) {
  if (height < 1 || width < 1) {
    fail(name, ": is ", width, " x ", height, " pixels; expected at least one");
  }
  if (height > limits.side || width > limits.side) {
    fail(name, ": is ", width, " x ", height, " pixels; expected at most ", limits.side,
         " rows and columns");
  }
  if (height > limits.pixels / width) {
    fail(name, ": is ", width, " x ", height, " pixels; expected at most ", limits.pixels,
         " pixels");
  }
}

}  // namespace unclip
