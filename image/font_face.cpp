#include "image/font_face.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace unclip {
namespace {

// Rounds a length of FreeType, in 64ths of a pixel, to whole pixels. Hinted metrics are integers
// already.
int64_t pixels(FT_Pos length) { return (length + 32) >> 6; }

/// The amount of ink of a bitmap's pixel; for a coloured bitmap, the difference of its brightness
/// from white's.
uint8_t ink_of(const FT_Bitmap& bitmap, int64_t y, int64_t x) {
  const auto* row = bitmap.buffer + y * bitmap.pitch;
  if (bitmap.pixel_mode == FT_PIXEL_MODE_GRAY) return row[x];
  if (bitmap.pixel_mode == FT_PIXEL_MODE_MONO) return (row[x / 8] >> (7 - x % 8) & 1) * 255;
  if (bitmap.pixel_mode != FT_PIXEL_MODE_BGRA) return 0;
  const auto* bgra = row + 4 * x;  // premultiplied
  const int brightness = (114 * bgra[0] + 587 * bgra[1] + 299 * bgra[2]) / 1000;
  return static_cast<uint8_t>(std::max(0, bgra[3] - brightness));
}

DrawnGlyph drawn(const FT_GlyphSlotRec_& slot) {
  const auto& bitmap = slot.bitmap;
  DrawnGlyph glyph = {
      pixels(slot.advance.x), -slot.bitmap_top, slot.bitmap_left, bitmap.rows, bitmap.width, {}};
  for (int64_t y = 0; y < glyph.height; ++y) {
    for (int64_t x = 0; x < glyph.width; ++x) glyph.ink.push_back(ink_of(bitmap, y, x));
  }
  return glyph;
}

/// Scales a glyph: each new pixel is the mean of those that it covers.
DrawnGlyph scaled(const DrawnGlyph& glyph, double scale) {
  const auto length = [&](int64_t old) { return std::llround(static_cast<double>(old) * scale); };
  DrawnGlyph small = {length(glyph.advance), length(glyph.top),   length(glyph.left),
                      length(glyph.height),  length(glyph.width), {}};
  for (int64_t y = 0; y < small.height; ++y) {
    const auto top = y * glyph.height / small.height;
    const auto bottom = std::max(top + 1, (y + 1) * glyph.height / small.height);
    for (int64_t x = 0; x < small.width; ++x) {
      const auto left = x * glyph.width / small.width;
      const auto right = std::max(left + 1, (x + 1) * glyph.width / small.width);
      int64_t sum = 0;
      for (int64_t i = top; i < bottom; ++i) {
        for (int64_t j = left; j < right; ++j) {
          sum += glyph.ink[static_cast<size_t>(i * glyph.width + j)];
        }
      }
      small.ink.push_back(static_cast<uint8_t>(sum / ((bottom - top) * (right - left))));
    }
  }
  return small;
}

}  // namespace

void check_freetype(FT_Error error) { TORCH_CHECK(error == 0, "FreeType: error ", error); }

std::unique_ptr<FontFace> FontFace::of_memory(FT_Library library, const unsigned char* bytes,
                                              int64_t count, int64_t size) {
  FT_Face face = nullptr;
  check_freetype(FT_New_Memory_Face(library, bytes, count, /*face_index=*/0, &face));
  std::unique_ptr<FontFace> result(new FontFace(face));
  TORCH_CHECK(result->set_size(size), "FreeType: the font has no size ", size);
  return result;
}

std::unique_ptr<FontFace> FontFace::of_file(FT_Library library, const std::string& path, int index,
                                            int64_t size) {
  FT_Face face = nullptr;
  if (FT_New_Face(library, path.c_str(), index, &face) != 0) return nullptr;
  std::unique_ptr<FontFace> result(new FontFace(face));
  return result->set_size(size) ? std::move(result) : nullptr;
}

bool FontFace::set_size(int64_t size) {
  if (FT_IS_SCALABLE(face_)) return FT_Set_Pixel_Sizes(face_, 0, static_cast<FT_UInt>(size)) == 0;
  int best = -1;
  const auto distance = [&](int i) {
    return std::llabs(pixels(face_->available_sizes[i].y_ppem) - size);
  };
  for (int i = 0; i < face_->num_fixed_sizes; ++i) {
    if (best < 0 || distance(i) < distance(best)) best = i;
  }
  if (best < 0 || FT_Select_Size(face_, best) != 0) return false;
  const auto ppem = pixels(face_->available_sizes[best].y_ppem);
  if (ppem < 1) return false;
  scale_ = static_cast<double>(size) / static_cast<double>(ppem);
  return true;
}

const DrawnGlyph& FontFace::glyph(uint32_t index) {
  const auto found = glyphs_.find(index);
  if (found != glyphs_.end()) return found->second;
  const auto flags = FT_LOAD_TARGET_LIGHT | FT_LOAD_RENDER | FT_LOAD_COLOR;
  DrawnGlyph glyph{};
  if (FT_Load_Glyph(face_, index, flags) == 0) glyph = drawn(*face_->glyph);
  if (scale_ != 1) glyph = scaled(glyph, scale_);
  return glyphs_.emplace(index, std::move(glyph)).first->second;
}

int64_t FontFace::kerning(uint32_t left, uint32_t right) const {
  FT_Vector kerning{};
  return FT_Get_Kerning(face_, left, right, FT_KERNING_DEFAULT, &kerning) == 0 ? pixels(kerning.x)
                                                                               : 0;
}

int64_t FontFace::ascender() const { return pixels(face_->size->metrics.ascender); }
int64_t FontFace::descender() const { return pixels(face_->size->metrics.descender); }

}  // namespace unclip
