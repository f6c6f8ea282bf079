#include "image/font.h"

#include <ft2build.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>
#include FT_FREETYPE_H

#include "image/font_face.h"
#include "image/system_fonts.h"
#include "kernels/tensor.h"

// The assembler inserts the file's bytes between the two symbols.
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
constexpr size_t kMostFaces = 255;
// A glyph's number holds the number of its face in the upper bits, and its index in that face in
// the lower bits.
constexpr int kFaceShift = 24;
constexpr uint32_t kGlyphMask = (uint32_t{1} << kFaceShift) - 1;

}  // namespace

/// The built-in font, then the system's fonts that were needed so far.
struct Font::Faces {
  explicit Faces(int64_t font_size) : size(font_size) {
    check_freetype(FT_Init_FreeType(&library));
    faces.push_back(
        FontFace::of_memory(library, unclip_font_begin, unclip_font_end - unclip_font_begin, size));
  }
  ~Faces() {
    faces.clear();
    FT_Done_FreeType(library);
  }
  Faces(const Faces&) = delete;
  Faces& operator=(const Faces&) = delete;

  FontFace& face_of(uint32_t glyph) { return *faces[glyph >> kFaceShift]; }
  const DrawnGlyph& glyph(uint32_t number) { return face_of(number).glyph(number & kGlyphMask); }

  /// The glyph's number; 0 if no face has the character.
  uint32_t find(char32_t character) {
    for (size_t i = 0; i < faces.size(); ++i) {
      if (const auto index = faces[i]->index(character)) {
        return static_cast<uint32_t>(i) << kFaceShift | index;
      }
    }
    if (faces.size() >= kMostFaces) return 0;
    if (!system) system.emplace();
    const auto file = system->file_with(character);
    if (!file) return 0;
    auto face = FontFace::of_file(library, file->path, file->index, size);
    const auto index = face ? face->index(character) : 0;
    if (index == 0) return 0;
    faces.push_back(std::move(face));
    return static_cast<uint32_t>(faces.size() - 1) << kFaceShift | index;
  }

  int64_t size;
  FT_Library library = nullptr;
  std::vector<std::unique_ptr<FontFace>> faces;
  std::optional<SystemFonts> system;
  std::unordered_map<char32_t, uint32_t> numbers;
};

Font::Font(int64_t size) {
  TORCH_CHECK(size >= kLeastSize && size <= kMostSize, "Font: size is ", size);
  faces_ = std::make_unique<Faces>(size);
}

Font::~Font() = default;
Font::Font(Font&&) noexcept = default;
Font& Font::operator=(Font&&) noexcept = default;

int64_t Font::line_height() const {
  return faces_->faces[0]->ascender() - faces_->faces[0]->descender();
}

uint32_t Font::glyph(char32_t character) const {
  const auto known = faces_->numbers.find(character);
  if (known != faces_->numbers.end()) return known->second;
  return faces_->numbers[character] = faces_->find(character);
}

Font::Extent Font::extent(uint32_t glyph) const {
  const auto& drawn = faces_->glyph(glyph);
  return {drawn.advance, drawn.left, drawn.left + drawn.width};
}

int64_t Font::kerning(uint32_t left, uint32_t right) const {
  if (left >> kFaceShift != right >> kFaceShift) return 0;
  return faces_->face_of(left).kerning(left & kGlyphMask, right & kGlyphMask);
}

void Font::paint(uint32_t glyph, int64_t x, const at::Tensor& coverage) const {
  TORCH_CHECK(coverage.is_contiguous(), "Font::paint: the coverage is not contiguous");
  const auto& drawn = faces_->glyph(glyph);
  const int64_t top = faces_->faces[0]->ascender() + drawn.top;
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
