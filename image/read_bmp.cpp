#include "image/read_bmp.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "image/over_white.h"
#include "kernels/tensor.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace unclip {
namespace {

struct BmpCloser {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

/// The little-endian number of 4 bytes; 0 behind the end.
uint32_t number(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  if (offset + 4 > bytes.size()) return 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

/// Whether the header names bits for alpha. Without them the fourth byte of a pixel means nothing,
/// as for Pillow; stb takes it for alpha.
bool has_alpha(std::string_view bytes) {
  constexpr size_t kHeaderSize = 14, kCompression = 30, kAlphaMask = 66;
  constexpr uint32_t kBitFields = 3, kAlphaBitFields = 6;
  const auto compression = number(bytes, kCompression);
  return number(bytes, kHeaderSize) >= 56 &&
         (compression == kBitFields || compression == kAlphaBitFields) &&
         number(bytes, kAlphaMask) != 0;
}

/// Where the last row ends in the file: each is a multiple of 4 bytes.
int64_t end_of_rows(std::string_view bytes, int64_t height, int64_t width) {
  constexpr size_t kFirstRow = 10, kHeaderSize = 14, kOldBits = 24, kBits = 28;
  const auto header = number(bytes, kHeaderSize);  // the old one has 12 bytes
  const auto bits = number(bytes, header == 12 ? kOldBits : kBits) & 0xffff;
  const auto first = std::max(number(bytes, kFirstRow), header);
  return first + height * ((width * int64_t{bits} + 31) / 32 * 4);
}

}  // namespace

DecodedImage decode_bmp(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits) {
  const auto* first = reinterpret_cast<const stbi_uc*>(bytes.data());
  const auto size = static_cast<int>(bytes.size());
  const auto fail_read = [&] {
    const char* why = stbi_failure_reason();
    fail(name, ": cannot be read as BMP: ", why != nullptr ? why : "it is damaged");
  };
  int width = 0, height = 0, channels = 0;
  if (stbi_info_from_memory(first, size, &width, &height, &channels) == 0) fail_read();
  height = std::abs(height);  // below 0 if the rows begin at the top
  check_limits(name, height, width, limits);
  if (end_of_rows(bytes, height, width) > size) {
    fail(name, ": is not a whole BMP file: it is too short for its size in pixels");
  }
  const std::unique_ptr<stbi_uc, BmpCloser> pixels(
      stbi_load_from_memory(first, size, &width, &height, &channels, /*desired_channels=*/4));
  if (!pixels) fail_read();
  const auto rgba = ops::from_blob(pixels.get(), {height, width, 4}, at::kByte).clone();
  if (!has_alpha(bytes)) rgba.select(2, 3).fill_(255);
  return {over_white(rgba), {}};
}

}  // namespace unclip
