#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace unclip {

/// DejaVu Sans, which is built into the program, at one size. Characters that it lacks, such as CJK
/// and emoji, are taken from the fonts of the system, if there are any (see system_fonts.h). Glyphs
/// are placed next to each other in the order of the characters: scripts that join or reorder
/// letters are not shaped. A Font caches the glyphs that it has drawn, so only one thread may use
/// it.
class Font {
 public:
  /// `size`: pixels per em, 6 to 64
  explicit Font(int64_t size);
  ~Font();
  Font(Font&&) noexcept;
  Font& operator=(Font&&) noexcept;

  /// The number of rows from one line to the next.
  int64_t line_height() const;

  /// The number of a character's glyph, which also identifies its font; 0, a box, for a character
  /// that no font has.
  uint32_t glyph(char32_t character) const;

  /// The extent of a glyph, in columns from its origin. The ink may extend past the advance or
  /// before the origin.
  struct Extent {
    int64_t advance;    ///< to the origin of the next glyph
    int64_t ink_begin;  ///< first column with ink
    int64_t ink_end;    ///< one past the last column with ink
  };
  Extent extent(uint32_t glyph) const;
  /// The number of columns by which `right` is moved if it follows `left`.
  int64_t kerning(uint32_t left, uint32_t right) const;

  /// Draws a glyph's ink on coverage (line_height, w) float32, with its origin at column `x`. Ink
  /// outside of `coverage` is cut off.
  void paint(uint32_t glyph, int64_t x, const at::Tensor& coverage) const;

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

}  // namespace unclip
