#include "image/read_picture.h"

#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "image/exif.h"
#include "image/image_format.h"
#include "image/image_orientation.h"
#include "image/png_samples.h"
#include "image/read_bmp.h"
#include "image/read_gif.h"
#include "image/read_heif.h"
#include "image/read_jpeg.h"
#include "image/read_tiff.h"
#include "image/read_webp.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_format(const std::string& name, std::string_view bytes) {
  constexpr auto kExpected = ": expected a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC image, ";
  if (bytes.empty()) fail(name, kExpected, "found an empty file");
  if (const auto found = describe_image(bytes); !found.empty())
    fail(name, kExpected, "found ", found);
  std::ostringstream hex;
  hex << std::hex << std::setfill('0');
  for (const unsigned char byte : bytes.substr(0, 12)) hex << ' ' << std::setw(2) << int{byte};
  fail(name, kExpected, "found the bytes", hex.str());
}

}  // namespace

bool begins_as_picture(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && format_of_bytes(read_magic_bytes(path)).has_value();
}

DecodedImage decode_image(std::string_view bytes, const std::string& name) {
  const auto format = format_of_bytes(bytes);
  if (!format) fail_format(name, bytes);
  switch (*format) {
    case ImageFormat::kPng:
      return decode_png(bytes, name, kPictureLimits);
    case ImageFormat::kJpeg:
      return decode_jpeg(bytes, name, kPictureLimits);
    case ImageFormat::kWebp:
      return decode_webp(bytes, name, kPictureLimits);
    case ImageFormat::kGif:
      return decode_gif(bytes, name, kPictureLimits);
    case ImageFormat::kBmp:
      return decode_bmp(bytes, name, kPictureLimits);
    case ImageFormat::kTiff:
      return decode_tiff(bytes, name, kPictureLimits);
    case ImageFormat::kAvif:
    case ImageFormat::kHeic:
      return decode_heif(bytes, name, kPictureLimits);
  }
  fail_format(name, bytes);
}

at::Tensor decode_picture(std::string_view bytes, const std::string& name) {
  const auto [rgb, metadata] = decode_image(bytes, name);
  return upright(rgb, image_orientation(metadata));
}

at::Tensor read_picture(const fs::path& path) {
  return decode_picture(read_image_bytes(path), path.string());
}

}  // namespace unclip
