#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace unclip {

/// DejaVu Sans at one size, which is a part of the program. For characters that it lacks, such as
/// CJK and emoji, the fonts of the system are asked, if there are any (see system_fonts.h).
/// Letters are placed side by side as they come: scripts that join or reorder them are not shaped.
/// It keeps the glyphs that it has drawn, so one font is one thread's.
class Font {
 public:
  /// `size`: pixels an em, 6 to 64
  explicit Font(int64_t size);
  ~Font();
  Font(Font&&) noexcept;
  Font& operator=(Font&&) noexcept;

  /// Rows from a line to the next.
  int64_t line_height() const;

  /// The number of a character's glyph, which also says in which font it is; a character that no
  /// font has is number 0, a box.
  uint32_t glyph(char32_t character) const;

  /// Columns from a glyph's origin. The ink may stand out on either side.
  struct Extent {
    int64_t advance;    ///< to the next one's origin
    int64_t ink_begin;  ///< first column with ink
    int64_t ink_end;    ///< behind the last one
  };
  Extent extent(uint32_t glyph) const;
  /// By how many columns `right` moves if it follows `left`.
  int64_t kerning(uint32_t left, uint32_t right) const;

  /// Lays a glyph's ink on coverage (line_height, w) float32, its origin at column `x`. What stands
  /// out is left away.
  void paint(uint32_t glyph, int64_t x, const at::Tensor& coverage) const;

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

}  // namespace unclip
