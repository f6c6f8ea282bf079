#pragma once

#include <ft2build.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>
#include FT_FREETYPE_H

namespace unclip {

/// Throws c10::Error if `error` is an error of FreeType.
void check_freetype(FT_Error error);

/// A drawn glyph; `top` and `left` count from its origin on the line, and rows go down.
struct DrawnGlyph {
  int64_t advance, top, left, height, width;
  std::vector<uint8_t> ink;  ///< (height, width)
};

/// A font file at one size in pixels. It caches the glyphs that it has drawn. Colours become grey;
/// a bitmap font of another size is scaled.
class FontFace {
 public:
  static std::unique_ptr<FontFace> of_memory(FT_Library library, const unsigned char* bytes,
                                             int64_t count, int64_t size);
  /// Null if FreeType cannot use the file.
  static std::unique_ptr<FontFace> of_file(FT_Library library, const std::string& path, int index,
                                           int64_t size);
  ~FontFace() { FT_Done_Face(face_); }
  FontFace(const FontFace&) = delete;
  FontFace& operator=(const FontFace&) = delete;

  /// The character's glyph; 0 if the font lacks it.
  uint32_t index(char32_t character) const { return FT_Get_Char_Index(face_, character); }
  /// The glyph of this index; empty if FreeType cannot draw it.
  const DrawnGlyph& glyph(uint32_t index);
  int64_t kerning(uint32_t left, uint32_t right) const;
  /// Rows above the line; rows below it, as a negative number.
  int64_t ascender() const;
  int64_t descender() const;

 private:
  explicit FontFace(FT_Face face) : face_(face) {}
  bool set_size(int64_t size);

  FT_Face face_;
  double scale_ = 1;  // of the font's bitmaps
  std::unordered_map<uint32_t, DrawnGlyph> glyphs_;
};

}  // namespace unclip
