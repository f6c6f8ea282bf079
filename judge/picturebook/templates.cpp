#include "judge/picturebook/templates.h"

#include <algorithm>

#include "base/error.h"
#include "image/rgba_png.h"
#include "judge/picturebook/data.h"

namespace unclip::judge::picturebook {
namespace {

constexpr int kColumns = 12;
constexpr int kSheet = kObjects + kSolidShapes;  // templates of the file
constexpr float kVisible = 0.12f;                // opacity from which a cell counts
constexpr float kLightest = 1.25f;               // the value of a solid's red of 255

constexpr float kSolidColour[kSolidColours][3] = {
    {0.86f, 0.12f, 0.12f}, {0.98f, 0.55f, 0.05f}, {0.97f, 0.85f, 0.10f}, {0.15f, 0.65f, 0.20f},
    {0.10f, 0.30f, 0.85f}, {0.50f, 0.20f, 0.65f}, {0.95f, 0.50f, 0.70f}, {0.45f, 0.28f, 0.15f}};

void find_box(Template& made) {
  int left = kCells, right = 0, top = kCells, bottom = 0;
  for (int i = 0; i < kCells * kCells; ++i) {
    if (made.cells[static_cast<size_t>(i)][3] < kVisible) continue;
    left = std::min(left, i % kCells);
    right = std::max(right, i % kCells + 1);
    top = std::min(top, i / kCells);
    bottom = std::max(bottom, i / kCells + 1);
  }
  const auto place = [](int cell) { return cell * 2 * kExtent / kCells - kExtent; };
  made.left = place(left);
  made.right = place(right);
  made.top = place(top);
  made.bottom = place(bottom);
}

// The colour in an image, multiplied by opacity, of a cell of the file, whose colours are not
// multiplied by it.
std::array<float, 4> shade(const uint8_t* rgba, const float* colour) {
  const float alpha = static_cast<float>(rgba[3]) / 255;
  std::array<float, 4> cell = {0, 0, 0, alpha};
  for (size_t c = 0; c < 3; ++c) {
    float value = static_cast<float>(rgba[c]) / 255;
    if (colour) {
      const float light = kLightest * static_cast<float>(rgba[0]) / 255;
      const float gloss = static_cast<float>(rgba[1]) / 255;
      const float lit = std::min(colour[c] * light, 1.f);
      value = lit + (1 - lit) * gloss;
    }
    cell[c] = value * alpha;
  }
  return cell;
}

Template read(const RgbaImage& sheet, int index, const float* colour) {
  Template made;
  const int x0 = index % kColumns * kCells, y0 = index / kColumns * kCells;
  for (int y = 0; y < kCells; ++y) {
    for (int x = 0; x < kCells; ++x) {
      const size_t at = static_cast<size_t>(y0 + y) * sheet.width + x0 + x;
      made.cells[static_cast<size_t>(y * kCells + x)] = shade(&sheet.pixels[4 * at], colour);
    }
  }
  find_box(made);
  return made;
}

}  // namespace

const std::vector<Template>& templates() {
  static const auto all = [] {
    const RgbaImage sheet = decode_rgba_png(templates_png(), "templates.png");
    const int rows = (kSheet + kColumns - 1) / kColumns;
    if (sheet.width != kColumns * kCells || sheet.height != rows * kCells) {
      fail("templates.png: expected ", kColumns * kCells, " x ", rows * kCells, " pixels, found ",
           sheet.width, " x ", sheet.height);
    }
    std::vector<Template> list;
    for (int i = 0; i < kObjects; ++i) list.push_back(read(sheet, i, nullptr));
    for (int i = 0; i < kSolidShapes * kSolidColours; ++i) {
      list.push_back(read(sheet, kObjects + i / kSolidColours, kSolidColour[i % kSolidColours]));
    }
    return list;
  }();
  return all;
}

}  // namespace unclip::judge::picturebook
