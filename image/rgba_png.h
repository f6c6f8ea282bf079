#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace unclip {

/// An image of 8 bits per channel, row by row, with red, green, blue and opacity of a pixel next to
/// each other. Colours are not multiplied by the opacity.
struct RgbaImage {
  int width = 0, height = 0;
  std::vector<uint8_t> pixels;  // height * width * 4
};

/// The most pixels that `decode_rgba_png` reads.
constexpr int64_t kMostRgbaPixels = int64_t{1} << 24;

/// The bytes of any PNG -> its pixels. Throws Error, which begins with `name`, if they are not a
/// complete PNG or it has more than kMostRgbaPixels.
RgbaImage decode_rgba_png(std::string_view bytes, std::string_view name);

}  // namespace unclip
