#include "world/picturebook/sprite.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "image/rgba_png.h"
#include "world/picturebook/data.h"

namespace unclip::world::picturebook {
namespace {

constexpr int kCellWidth = 136, kCellHeight = 128, kColumns = 13;
constexpr int kVisible = 8;  // opacity of 255 from which a pixel counts as drawn

const uint8_t* pixel(const RgbaImage& atlas, int x, int y) {
  return &atlas.pixels[4 * (static_cast<size_t>(y) * atlas.width + x)];
}

// The drawn part of a cell of the atlas.
Sprite cut(const RgbaImage& atlas, int cell) {
  const int x0 = cell % kColumns * kCellWidth, y0 = cell / kColumns * kCellHeight;
  int left = kCellWidth, right = 0, top = kCellHeight, bottom = 0;
  for (int y = 0; y < kCellHeight; ++y) {
    for (int x = 0; x < kCellWidth; ++x) {
      if (pixel(atlas, x0 + x, y0 + y)[3] < kVisible) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
    }
  }
  if (left >= right) fail("atlas.png: expected a drawing in cell ", cell, ", found none");
  std::vector<uint8_t> pixels;
  for (int y = top; y < bottom; ++y) {
    const uint8_t* row = pixel(atlas, x0 + left, y0 + y);
    pixels.insert(pixels.end(), row, row + 4 * (right - left));
  }
  return Sprite(right - left, bottom - top, pixels);
}

const std::vector<Sprite>& sprites() {
  static const auto all = [] {
    const RgbaImage atlas = decode_rgba_png(atlas_png(), "atlas.png");
    const int rows = (kObjects + kColumns - 1) / kColumns;
    if (atlas.width != kColumns * kCellWidth || atlas.height != rows * kCellHeight) {
      fail("atlas.png: expected ", kColumns * kCellWidth, " x ", rows * kCellHeight,
           " pixels, found ", atlas.width, " x ", atlas.height);
    }
    std::vector<Sprite> cuts;
    for (int cell = 0; cell < kObjects; ++cell) cuts.push_back(cut(atlas, cell));
    return cuts;
  }();
  return all;
}

}  // namespace

Sprite::Sprite(int width, int height, const std::vector<uint8_t>& pixels) {
  levels_.push_back({width, height, pixels});
  auto& first = levels_.front().pixels;
  for (size_t i = 0; i < first.size(); i += 4) {
    for (size_t c = 0; c < 3; ++c)
      first[i + c] = static_cast<uint8_t>((first[i + c] * first[i + 3] + 127) / 255);
  }
  while (std::min(levels_.back().width, levels_.back().height) > 2) {
    const Level& above = levels_.back();
    Level level{(above.width + 1) / 2, (above.height + 1) / 2, {}};
    for (int y = 0; y < level.height; ++y) {
      for (int x = 0; x < level.width; ++x) {
        for (int c = 0; c < 4; ++c) {
          int sum = 2;
          for (int k = 0; k < 4; ++k) {
            // There are no pixels beyond an odd edge.
            const int u = 2 * x + k % 2, v = 2 * y + k / 2;
            if (u < above.width && v < above.height)
              sum += above.pixels[4 * (static_cast<size_t>(v) * above.width + u) + c];
          }
          level.pixels.push_back(static_cast<uint8_t>(sum / 4));
        }
      }
    }
    levels_.push_back(std::move(level));
  }
}

Rgba Sprite::sample(float x, float y, float step) const {
  size_t k = 0;
  while (step >= 2 && k + 1 < levels_.size()) {
    step /= 2;
    x /= 2;
    y /= 2;
    ++k;
  }
  const Level& level = levels_[k];
  x -= 0.5f;
  y -= 0.5f;
  const float left = std::floor(x), top = std::floor(y);
  Rgba sum = {};
  for (int corner = 0; corner < 4; ++corner) {
    const int u = static_cast<int>(left) + corner % 2, v = static_cast<int>(top) + corner / 2;
    if (u < 0 || v < 0 || u >= level.width || v >= level.height) continue;
    const float weight =
        (corner % 2 ? x - left : 1 - (x - left)) * (corner / 2 ? y - top : 1 - (y - top)) / 255;
    const uint8_t* found = &level.pixels[4 * (static_cast<size_t>(v) * level.width + u)];
    for (int c = 0; c < 4; ++c) sum[c] += weight * found[c];
  }
  return sum;
}

const Sprite& sprite(Kind kind) { return sprites().at(static_cast<size_t>(kind.index())); }

double half_width(Kind kind) {
  if (kind.is_solid()) return 1;
  const Sprite& drawing = sprite(kind);
  return static_cast<double>(drawing.width()) / std::max(drawing.width(), drawing.height());
}

double half_height(Kind kind) {
  if (kind.is_solid()) return 1;
  const Sprite& drawing = sprite(kind);
  return static_cast<double>(drawing.height()) / std::max(drawing.width(), drawing.height());
}

}  // namespace unclip::world::picturebook
