#include "image/font.h"

#include <ATen/ATen.h>
#include <ft2build.h>

#include <algorithm>
#include <unordered_map>
#include <vector>
#include FT_FREETYPE_H

// The assembler copies the file's bytes in between the two names.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    ".hidden unclip_font_begin\n"
    ".global unclip_font_begin\n"
    "unclip_font_begin:\n"
    ".incbin \"" UNCLIP_FONT
    "\"\n"
    ".hidden unclip_font_end\n"
    ".global unclip_font_end\n"
    "unclip_font_end:\n"
    ".popsection\n");
extern "C" const unsigned char unclip_font_begin[], unclip_font_end[];

namespace unclip {
namespace {

constexpr int64_t kLeastSize = 6, kMostSize = 64;

// FreeType counts in 64ths of a pixel; hinted metrics are whole pixels.
int64_t pixels(FT_Pos length) { return (length + 32) >> 6; }

void expect_done(FT_Error error) { TORCH_CHECK(error == 0, "FreeType: error ", error); }

/// A glyph as it is drawn, from its origin on the line: rows go down.
struct Glyph {
  int64_t advance, top, left, height, width;
  std::vector<uint8_t> ink;  // (height, width)
};

Glyph drawn(const FT_GlyphSlotRec_& slot) {
  const auto& bitmap = slot.bitmap;
  Glyph glyph = {
      pixels(slot.advance.x), -slot.bitmap_top, slot.bitmap_left, bitmap.rows, bitmap.width, {}};
  for (int64_t i = 0; i < glyph.height; ++i) {
    const auto* row = bitmap.buffer + i * bitmap.pitch;
    glyph.ink.insert(glyph.ink.end(), row, row + glyph.width);
  }
  return glyph;
}

}  // namespace

struct Font::Face {
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  std::unordered_map<uint32_t, Glyph> glyphs;

  ~Face() {
    FT_Done_Face(face);
    FT_Done_FreeType(library);
  }
  const Glyph& glyph(uint32_t number) {
    const auto found = glyphs.find(number);
    if (found != glyphs.end()) return found->second;
    expect_done(FT_Load_Glyph(face, number, FT_LOAD_TARGET_LIGHT | FT_LOAD_RENDER));
    return glyphs.emplace(number, drawn(*face->glyph)).first->second;
  }
};

Font::Font(int64_t size) : face_(std::make_unique<Face>()) {
  TORCH_CHECK(size >= kLeastSize && size <= kMostSize, "Font: size is ", size);
  expect_done(FT_Init_FreeType(&face_->library));
  expect_done(FT_New_Memory_Face(face_->library, unclip_font_begin,
                                 unclip_font_end - unclip_font_begin, /*face_index=*/0,
                                 &face_->face));
  expect_done(FT_Set_Pixel_Sizes(face_->face, 0, static_cast<FT_UInt>(size)));
}

Font::~Font() = default;
Font::Font(Font&&) noexcept = default;
Font& Font::operator=(Font&&) noexcept = default;

int64_t Font::line_height() const {
  const auto& metrics = face_->face->size->metrics;
  return pixels(metrics.ascender) - pixels(metrics.descender);
}

uint32_t Font::glyph(char32_t character) const { return FT_Get_Char_Index(face_->face, character); }

Font::Extent Font::extent(uint32_t glyph) const {
  const auto& drawn = face_->glyph(glyph);
  return {drawn.advance, drawn.left, drawn.left + drawn.width};
}

int64_t Font::kerning(uint32_t left, uint32_t right) const {
  FT_Vector kerning{};
  expect_done(FT_Get_Kerning(face_->face, left, right, FT_KERNING_DEFAULT, &kerning));
  return pixels(kerning.x);
}

void Font::paint(uint32_t glyph, int64_t x, const at::Tensor& coverage) const {
  TORCH_CHECK(coverage.is_contiguous(), "Font::paint: the coverage is not contiguous");
  const auto& drawn = face_->glyph(glyph);
  const int64_t top = pixels(face_->face->size->metrics.ascender) + drawn.top;
  const int64_t left = x + drawn.left;
  const int64_t rows = coverage.size(0), columns = coverage.size(1);
  auto* out = coverage.mutable_data_ptr<float>();
  for (int64_t i = std::max<int64_t>(0, -top); i < drawn.height && top + i < rows; ++i) {
    for (int64_t j = std::max<int64_t>(0, -left); j < drawn.width && left + j < columns; ++j) {
      const auto ink = drawn.ink[static_cast<size_t>(i * drawn.width + j)];
      auto& there = out[(top + i) * columns + left + j];
      there = std::max(there, static_cast<float>(ink) / 255);
    }
  }
}

}  // namespace unclip
