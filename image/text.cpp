#include "image/text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "image/font.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr char32_t kEllipsis = U'\u2026';

/// Places glyphs next to each other, and counts the columns that they take.
class Pen {
 public:
  explicit Pen(const Font& font) : font_(&font) {}

  /// Returns the column of the glyph's origin.
  int64_t put(char32_t character) {
    const auto glyph = font_->glyph(character);
    if (last_) x_ += font_->kerning(*last_, glyph);
    const auto extent = font_->extent(glyph);
    const auto origin = x_;
    begin_ = std::min(begin_, origin + extent.ink_begin);
    x_ += extent.advance;
    end_ = std::max({end_, origin + extent.ink_end, x_});
    last_ = glyph;
    return origin;
  }
  int64_t begin() const { return begin_; }
  int64_t width() const { return end_ - begin_; }

 private:
  const Font* font_;
  std::optional<uint32_t> last_;
  int64_t x_ = 0, begin_ = 0, end_ = 0;
};

bool is_control(UChar32 c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/// Whether the character only selects or joins the glyphs next to it and is not drawn itself: the
/// zero-width joiner and the variation selectors.
bool is_invisible(UChar32 c) { return c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f); }

/// The first `most` characters.
std::u32string characters(std::string_view utf8, size_t most) {
  std::u32string result;
  for (size_t i = 0; i < utf8.size() && result.size() < most;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(utf8.data(), i, utf8.size(), c);
    if (is_invisible(c)) continue;
    result.push_back(is_control(c) ? U' ' : static_cast<char32_t>(c));
  }
  return result;
}

/// The number of characters that fit in a line with `tail` after them; nothing if not even the tail
/// fits.
std::optional<size_t> fitting(std::u32string_view text, const Font& font, int64_t width,
                              std::u32string_view tail) {
  std::optional<size_t> best;
  Pen pen(font);
  for (size_t i = 0;; ++i) {
    auto with_tail = pen;
    for (const auto c : tail) with_tail.put(c);
    if (with_tail.width() <= width) best = i;
    if (pen.width() > width || i == text.size()) return best;
    pen.put(text[i]);
  }
}

/// As much of the text's beginning as fits, and an ellipsis.
std::u32string elided(std::u32string_view text, const Font& font, int64_t width) {
  const auto n = fitting(text, font, width, {&kEllipsis, 1});
  if (!n) return {};
  text = text.substr(0, *n);
  while (text.ends_with(U' ')) text.remove_suffix(1);
  return std::u32string(text) + kEllipsis;
}

/// The end of the text's first line, which has room for `n` characters.
size_t end_of_line(std::u32string_view text, size_t n) {
  if (n >= text.size()) return n;
  const auto space = text.rfind(U' ', n);
  return space == text.npos || space == 0 ? n : space;
}

std::vector<std::u32string> broken(std::u32string_view text, const Font& font,
                                   const TextRoom& room) {
  std::vector<std::u32string> lines;
  const auto most = static_cast<size_t>(room.lines);
  while (lines.empty() || !text.empty()) {
    const auto n = fitting(text, font, room.width, {}).value_or(0);
    if (n < text.size() && lines.size() + 1 == most) {
      lines.push_back(elided(text, font, room.width));
      break;
    }
    const auto end = end_of_line(text, n);
    lines.emplace_back(text.substr(0, end));
    if (end == 0) break;
    text.remove_prefix(end);
    while (text.starts_with(U' ')) text.remove_prefix(1);
  }
  return lines;
}

int64_t width_of(std::u32string_view line, const Font& font) {
  Pen pen(font);
  for (const auto c : line) pen.put(c);
  return pen.width();
}

void paint_line(std::u32string_view line, const Font& font, const at::Tensor& rows) {
  Pen measure(font);
  for (const auto c : line) measure.put(c);
  Pen pen(font);
  for (const auto c : line) font.paint(font.glyph(c), pen.put(c) - measure.begin(), rows);
}

}  // namespace

at::Tensor draw_text(std::string_view text, const Font& font, const TextRoom& room) {
  TORCH_CHECK(room.width >= 0 && room.lines >= 1, "draw_text: there is no room");
  // At most one character per column: most take several, and this limits the number of marks that
  // take none.
  const auto most = static_cast<size_t>(room.lines * (room.width + 1));
  const auto lines = broken(characters(text, most), font, room);
  int64_t width = 0;
  for (const auto& line : lines) width = std::max(width, width_of(line, font));
  const auto height = font.line_height();
  const auto coverage =
      ops::zeros({static_cast<int64_t>(lines.size()) * height, width}, at::kFloat);
  for (size_t i = 0; i < lines.size(); ++i) {
    paint_line(lines[i], font, coverage.narrow(0, static_cast<int64_t>(i) * height, height));
  }
  return coverage;
}

}  // namespace unclip
