#include "image/read_bmp.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "image/bmp_header.h"
#include "image/over_white.h"
#include "image/read_indexed_bmp.h"
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

/// Whether the header names bits for alpha. Without them the fourth byte of a pixel is ignored, as
/// in Pillow; stb would read it as alpha.
bool has_alpha(const BmpHeader& header) {
  constexpr int64_t kBitFields = 3, kAlphaBitFields = 6;
  return (header.compression == kBitFields || header.compression == kAlphaBitFields) &&
         header.alpha_mask != 0;
}

}  // namespace

DecodedImage decode_bmp(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits) {
  const BmpHeader header(bytes);
  if (header.bits <= 8) return decode_indexed_bmp(bytes, name, limits);
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
  if (std::max(header.first_row, header.size) + byte_count_of_rows(header) > size) {
    fail(name, ": is not a whole BMP file: it is too short for its size in pixels");
  }
  const std::unique_ptr<stbi_uc, BmpCloser> pixels(
      stbi_load_from_memory(first, size, &width, &height, &channels, /*desired_channels=*/4));
  if (!pixels) fail_read();
  const auto rgba = ops::from_blob(pixels.get(), {height, width, 4}, at::kByte).clone();
  if (!has_alpha(header)) rgba.select(2, 3).fill_(255);
  return {over_white(rgba), {}};
}

}  // namespace unclip
