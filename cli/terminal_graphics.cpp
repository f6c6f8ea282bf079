#include "cli/terminal_graphics.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "cli/base64.h"
#include "cli/format.h"
#include "image/palette.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

constexpr size_t kKittyPiece = 4096;  // the most of a sequence's base64
constexpr int64_t kSixelRows = 6;

/// A run of one sixel: spelled out, or for four and more as !COUNT.
void append_run(std::string& out, char sixel, int64_t count) {
  if (count > 3) {
    out += format("!%lld%c", static_cast<long long>(count), sixel);
  } else {
    out.append(static_cast<size_t>(count), sixel);
  }
}

/// The rows y to y + 5 in one colour: a character a column, a bit a row, the lowest for the upper.
std::string sixel_line(const std::vector<uint8_t>& pixels, int64_t height, int64_t width, int64_t y,
                       uint8_t colour) {
  std::string line;
  char last = 0;
  int64_t count = 0;
  for (int64_t x = 0; x < width; ++x) {
    int bits = 0;
    for (int64_t k = 0; k < std::min(kSixelRows, height - y); ++k) {
      bits |= (pixels[static_cast<size_t>((y + k) * width + x)] == colour) << k;
    }
    const auto sixel = static_cast<char>('?' + bits);
    if (sixel != last) {
      append_run(line, last, count);
      count = 0;
    }
    last = sixel;
    ++count;
  }
  if (last != '?') append_run(line, last, count);
  return line;
}

}  // namespace

std::string kitty_image(const at::Tensor& image) {
  const auto text = to_base64(encode_png(image, {}));
  std::string out;
  for (size_t i = 0; i < text.size(); i += kKittyPiece) {
    const bool more = i + kKittyPiece < text.size();
    // a=T: show at once; f=100: a PNG; q=2: no answer.
    out += i == 0 ? "\033_Ga=T,f=100,q=2," : "\033_G";
    out += (more ? "m=1;" : "m=0;") + text.substr(i, kKittyPiece) + "\033\\";
  }
  return out + "\n";
}

std::string sixel_image(const at::Tensor& image) {
  const auto [colours, pixels] = with_palette(image);
  const int64_t height = image.size(1), width = image.size(2);
  // P2 = 1: what no sixel covers stays; then the raster's aspect and size.
  std::string out = "\033P0;1q" + format("\"1;1;%lld;%lld", static_cast<long long>(width),
                                         static_cast<long long>(height));
  const auto percent = [](int value) { return (value * 100 + 127) / 255; };
  for (size_t i = 0; i < colours.size(); ++i) {
    out += format("#%d;2;%d;%d;%d", static_cast<int>(i), percent(colours[i][0]),
                  percent(colours[i][1]), percent(colours[i][2]));
  }
  for (int64_t y = 0; y < height; y += kSixelRows) {
    const auto begin = pixels.begin() + y * width;
    const auto end = pixels.begin() + std::min(height, y + kSixelRows) * width;
    std::vector<uint8_t> present(begin, end);
    std::sort(present.begin(), present.end());
    present.erase(std::unique(present.begin(), present.end()), present.end());
    for (const auto colour : present) {
      out += format("#%d", colour) + sixel_line(pixels, height, width, y, colour) + "$";
    }
    out.back() = '-';  // the next line of sixels, in place of this one's begin
  }
  return out + "\033\\\n";
}

std::string half_block_image(const at::Tensor& image) {
  const auto pixels = to_8bit(image);  // (H, W, 3)
  const int64_t height = image.size(1), width = image.size(2);
  std::string out;
  for (int64_t y = 0; y < height; y += 2) {
    for (int64_t x = 0; x < width; ++x) {
      const auto* upper = pixels.data() + 3 * (y * width + x);
      const auto* lower = pixels.data() + 3 * (std::min(y + 1, height - 1) * width + x);
      out += format("\033[38;2;%d;%d;%dm", upper[0], upper[1], upper[2]);
      out += format("\033[48;2;%d;%d;%dm", lower[0], lower[1], lower[2]) + "\u2580";
    }
    out += "\033[0m\n";
  }
  return out;
}

}  // namespace unclip::cli
