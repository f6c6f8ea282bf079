// Characters that the program's own font lacks. FONTCONFIG_FILE names fonts for the test only.

#include "image/system_fonts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "image/font.h"
#include "image/text.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

constexpr char32_t kBear = 0x718a, kFox = 0x1f98a;

/// Lets fontconfig know the fonts of a folder, and no others.
class OnlyFontsOf {
 public:
  explicit OnlyFontsOf(const std::filesystem::path& folder) {
    write_text(
        files_ / "fonts.conf",
        "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><dir>" +
            std::filesystem::absolute(folder).string() + "</dir><cachedir>" +
            (files_ / "cache").string() + "</cachedir></fontconfig>");
    if (const char* before = std::getenv("FONTCONFIG_FILE")) before_ = before;
    setenv("FONTCONFIG_FILE", (files_ / "fonts.conf").c_str(), 1);
  }
  ~OnlyFontsOf() {
    before_.empty() ? unsetenv("FONTCONFIG_FILE") : setenv("FONTCONFIG_FILE", before_.c_str(), 1);
  }

 private:
  TemporaryFolder files_;
  std::string before_;
};

TEST(SystemFonts, FindTheFileThatHasACharacter) {
  const OnlyFontsOf fonts("tests/golden/fonts");
  const SystemFonts system;
  const auto bear = system.file_with(kBear), fox = system.file_with(kFox);
  ASSERT_TRUE(bear && fox);
  EXPECT_TRUE(bear->path.ends_with("han.ttf"));
  EXPECT_TRUE(fox->path.ends_with("emoji.ttf"));
  EXPECT_FALSE(system.file_with(0x4e00));
}

TEST(SystemFonts, FindNothingWithoutFonts) {
  const TemporaryFolder empty;
  const OnlyFontsOf fonts(empty.path());
  EXPECT_FALSE(SystemFonts().file_with(kBear));
  EXPECT_EQ(Font(16).glyph(kBear), 0u);
  EXPECT_NE(Font(16).glyph('a'), 0u);
}

at::Tensor drawn(const std::string& text, const Font& font) {
  return draw_text(text, font, {.width = 1000});
}

TEST(Font, TakesCharactersThatItLacksFromTheSystem) {
  const OnlyFontsOf fonts("tests/golden/fonts");
  const Font font(40);
  const auto glyph = font.glyph(kBear);
  ASSERT_NE(glyph, 0u);
  EXPECT_EQ(font.extent(glyph).advance, 40);
  const auto bear = drawn("\xe7\x86\x8a", font);
  EXPECT_EQ(bear.size(0), font.line_height());
  EXPECT_NEAR(bear.sum().item<double>(), 32 * 28, 40) << "its rectangle of 0.8 x 0.7 em";
  const auto both = drawn("n\xe7\x86\x8an", font);
  EXPECT_EQ(both.size(1), 2 * drawn("n", font).size(1) + 40);
  EXPECT_EQ(font.kerning(font.glyph('A'), glyph), 0);
}

TEST(Font, MakesColoursGrey) {
  const OnlyFontsOf fonts("tests/golden/fonts");
  const Font font(50);
  ASSERT_NE(font.glyph(kFox), 0u);
  const auto fox = drawn("\xf0\x9f\xa6\x8a", font);
  EXPECT_NEAR(fox.sum().item<double>(), 10 * 10, 25) << "a black nose in a white face";
  EXPECT_GT(fox.max().item<double>(), 0.9);
}

TEST(DrawText, DrawsNothingOfJoinersAndSelectors) {
  const Font font(20);
  EXPECT_TRUE(at::equal(drawn("a\xef\xb8\x8f\xe2\x80\x8d"
                              "b",
                              font),
                        drawn("ab", font)));
}

}  // namespace
}  // namespace unclip
