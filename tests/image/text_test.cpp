#include "image/text.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "image/font.h"

namespace unclip {
namespace {

constexpr int64_t kWide = 10000;

at::Tensor drawn_text(const std::string& text, int64_t width = kWide, int64_t lines = 1) {
  static const Font font(16);
  return draw_text(text, font, {.width = width, .lines = lines});
}

int64_t width(const std::string& text) { return drawn_text(text).size(1); }

/// Whether both show the same, columns without ink at their sides left aside.
bool look_alike(const at::Tensor& a, const at::Tensor& b) {
  const auto inked = [](const at::Tensor& coverage) {
    const auto columns = coverage.sum(0).nonzero().flatten();
    return coverage.slice(1, columns[0].item<int64_t>(), columns[-1].item<int64_t>() + 1);
  };
  return at::equal(inked(a), inked(b));
}

TEST(DrawText, CoversPixelsBetweenNoneAndAll) {
  const auto text = drawn_text("a red ball");
  EXPECT_EQ(text.size(0), Font(16).line_height());
  EXPECT_EQ(text.min().item<float>(), 0);
  EXPECT_GT(text.max().item<float>(), 0.9);
  EXPECT_LE(text.max().item<float>(), 1);
  EXPECT_EQ(text.select(0, 0).sum().item<float>(), 0);  // there is air above small letters
}

TEST(DrawText, PutsLettersSideBySide) {
  EXPECT_EQ(width("nnnnnn"), 6 * width("n"));
  EXPECT_EQ(width("n n") - width("nn"), width("nn n") - width("nnn"));
  EXPECT_TRUE(at::equal(drawn_text("nn").slice(1, width("n")), drawn_text("n")));
}

TEST(DrawText, MovesPairsTogetherThatWouldStandApart) {
  const Font large(64);
  EXPECT_LT(large.kerning(large.glyph('A'), large.glyph('V')), 0);
  EXPECT_EQ(large.kerning(large.glyph('n'), large.glyph('n')), 0);
  const auto width_at_64 = [&](const char* text) {
    return draw_text(text, large, {.width = kWide}).size(1);
  };
  EXPECT_LT(width_at_64("AVA"), 2 * width_at_64("A") + width_at_64("V"));
}

TEST(DrawText, KeepsInkThatStandsOutOnTheLeft) {
  // The hook of a j begins left of its origin.
  EXPECT_LT(Font(40).extent(Font(40).glyph('j')).ink_begin, 0);
  const Font font(40);
  const auto j = draw_text("j", font, {.width = kWide});
  const auto nj = draw_text("nj", font, {.width = kWide});
  EXPECT_NEAR(j.sum().item<float>(),
              nj.sum().item<float>() - draw_text("n", font, {.width = kWide}).sum().item<float>(),
              1e-2);
}

TEST(DrawText, HasALineForNoText) {
  EXPECT_EQ(drawn_text("").sizes(), (std::vector<int64_t>{Font(16).line_height(), 0}));
}

TEST(DrawText, ElidesWhatHasNoRoom) {
  const std::string text = "a red ball left of a green cone";
  const auto whole = width(text);
  EXPECT_TRUE(at::equal(drawn_text(text, whole), drawn_text(text)));
  for (int64_t room = 0; room < whole; ++room) {
    EXPECT_LE(drawn_text(text, room).size(1), room);
  }
  EXPECT_TRUE(look_alike(drawn_text(text, width("a red ball…")), drawn_text("a red ball…")));
  EXPECT_TRUE(
      look_alike(drawn_text(text, width("a red…") + 2), drawn_text("a red…")));  // not "a red …"
  EXPECT_EQ(drawn_text(text, width("…")).size(1), width("…"));
  EXPECT_EQ(drawn_text(text, width("…") - 1).size(1), 0);
}

TEST(DrawText, BreaksBetweenWords) {
  const auto height = Font(16).line_height();
  const auto two = drawn_text("a red ball left of", width("a red ball le"), 2);
  ASSERT_EQ(two.size(0), 2 * height);
  EXPECT_TRUE(look_alike(two.slice(0, 0, height), drawn_text("a red ball")));
  EXPECT_TRUE(look_alike(two.slice(0, height), drawn_text("left of")));
  EXPECT_EQ(drawn_text("a red ball", kWide, 2).size(0), height);
}

TEST(DrawText, BreaksAWordThatIsLongerThanALine) {
  const auto height = Font(16).line_height();
  const auto two = drawn_text("nnnnnnnnnn", 4 * width("n"), 2);
  ASSERT_EQ(two.size(0), 2 * height);
  EXPECT_TRUE(look_alike(two.slice(0, 0, height), drawn_text("nnnn")));
  EXPECT_TRUE(look_alike(two.slice(0, height), drawn_text("nn…")));
}

TEST(DrawText, ReadsUtf8) {
  const Font font(16);
  EXPECT_NE(font.glyph(U'\u00e9'), 0u);
  EXPECT_NE(font.glyph(U'\u0416'), 0u);
  EXPECT_TRUE(at::equal(draw_text("\xc3\xa9", font, {kWide}).slice(1, 0, 4),
                        draw_text("\xc3\xa9t", font, {kWide}).slice(1, 0, 4)));
  EXPECT_LT(width("\xc3\xa9"), 2 * width("e"));
}

TEST(DrawText, ShowsABoxForWhatTheFontLacks) {
  EXPECT_EQ(Font(16).glyph(U'\u72d0'), 0u);
  EXPECT_TRUE(at::equal(drawn_text("\xe7\x8b\x90"), drawn_text("\xe9\xbe\x8d")));
  EXPECT_GT(drawn_text("\xe7\x8b\x90").sum().item<float>(), 0);
}

TEST(DrawText, ShowsASignForWhatIsNotUtf8) {
  const std::string sign = "\xef\xbf\xbd";  // U+FFFD
  EXPECT_TRUE(at::equal(drawn_text("a\xff"), drawn_text("a" + sign)));
  EXPECT_TRUE(at::equal(drawn_text("\xe7\x8b"), drawn_text(sign)));
}

TEST(DrawText, SeesControlCharactersAsSpaces) {
  EXPECT_TRUE(at::equal(drawn_text("a\nb\tc"), drawn_text("a b c")));
  EXPECT_TRUE(at::equal(drawn_text(std::string("a\0b", 3)), drawn_text("a b")));
}

TEST(DrawText, TakesNoTimeForATextThatHasNoEnd) {
  const std::string letters(1 << 24, 'n');
  EXPECT_LE(drawn_text(letters, 200, 2).size(1), 200);
  std::string marks = "a";
  for (int i = 0; i < 1 << 20; ++i) marks += "\xcc\x81";  // U+0301, which has no width
  EXPECT_LE(drawn_text(marks, 200, 2).size(1), 200);
}

}  // namespace
}  // namespace unclip
