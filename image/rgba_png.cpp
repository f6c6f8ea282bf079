#include "image/rgba_png.h"

#include <png.h>

#include <memory>

#include "base/error.h"

namespace unclip {

RgbaImage decode_rgba_png(std::string_view bytes, std::string_view name) {
  png_image header = {};
  header.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> free_later(&header, png_image_free);
  if (!png_image_begin_read_from_memory(&header, bytes.data(), bytes.size())) {
    fail(name, ": expected a PNG image, found ", header.message);
  }
  if (int64_t{header.width} * header.height > kMostRgbaPixels) {
    fail(name, ": expected at most ", kMostRgbaPixels, " pixels, found ", header.width, " x ",
         header.height);
  }
  header.format = PNG_FORMAT_RGBA;
  RgbaImage image{static_cast<int>(header.width), static_cast<int>(header.height),
                  std::vector<uint8_t>(PNG_IMAGE_SIZE(header))};
  // A warning about a chunk that is not used is not a failure.
  if (!png_image_finish_read(&header, nullptr, image.pixels.data(), 0, nullptr) ||
      PNG_IMAGE_FAILED(header)) {
    fail(name, ": expected a whole PNG image, found ", header.message);
  }
  return image;
}

}  // namespace unclip
