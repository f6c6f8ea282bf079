#include "clip/unicode.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

TEST(Utf8, ReadsWhatItWrites) {
  const std::u32string text = U"a\u00e9\u4e2d\U0001f98a\U0010ffff\uffff";
  EXPECT_EQ(from_utf8(to_utf8(text)), text);
  EXPECT_EQ(from_utf8(std::string_view("\0", 1)), std::u32string(1, U'\0'));
  EXPECT_EQ(from_utf8(""), U"");
}

TEST(Utf8, RefusesWhatIsNoUtf8) {
  for (const char* bytes :
       {"\x80", "a\xff", "\xc3", "\xc3(", "\xe4\xb8", "\xf0\x9f\xa6",  // broken off
        "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",                // longer than needed
        "\xed\xa0\x80", "\xed\xbf\xbf",                                // surrogates
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {                 // past U+10FFFF
    EXPECT_FALSE(from_utf8(bytes)) << ::testing::PrintToString(std::string(bytes));
  }
}

// The reference's versions, whatever ICU's: U+A7CB is new in Unicode 16, U+A7CE in 17.
TEST(Categories, AreThoseOfUnicode16) {
  EXPECT_TRUE(is_letter(U'\u00aa') && is_letter(U'\u4e2d') && is_letter(U'\ua7cb'));
  EXPECT_FALSE(is_letter(U'\u0301') || is_letter(U'5') || is_letter(U'\ua7ce'));
  EXPECT_TRUE(is_number(U'\u00bd') && is_number(U'\u2167') && is_number(U'\U00010d40'));
  EXPECT_FALSE(is_number(U'a') || is_number(U'\u4e00'));
}

TEST(Categories, SpaceIsUnicodesWhiteSpace) {
  constexpr std::u32string_view kSpaces =
      U"\t\n\v\f\r \u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000";
  for (const auto c : kSpaces) EXPECT_TRUE(is_space(c)) << static_cast<uint32_t>(c);
  for (const auto c : {U'\u200b', U'\u180e', U'\u2060', U'\ufeff', U'\x1c', U'\0'}) {
    EXPECT_FALSE(is_space(c)) << static_cast<uint32_t>(c);
  }
}

TEST(Categories, MarksDigitsAndJoinersMakeWords) {
  EXPECT_TRUE(is_word(U'_') && is_word(U'\u0301') && is_word(U'\u200d') && is_word(U'\u0897'));
  EXPECT_FALSE(is_word(U'-') || is_word(U' ') || is_word(U'\u00bd'));
}

TEST(ToLower, LooksAtOneCodePointAtATime) {
  EXPECT_EQ(to_lower(U"\u039f\u03a3 \u0130I"), U"\u03bf\u03c3 i\u0307i");
  EXPECT_EQ(to_lower(U"\ua7cb\ua7dc\U00010d50\U00016ea0"), U"\u0264\u019b\U00010d70\U00016ebb");
}

TEST(Nfc, ComposesAsUnicode9Did) {
  EXPECT_EQ(nfc(U"e\u0323\u0301 \u1112\u1161\u11ab \u212b"), U"\u1eb9\u0301 \ud55c \u00c5");
  EXPECT_EQ(nfc(U"a\u0315\u0323"), U"\u1ea1\u0315");
  EXPECT_EQ(nfc(U"a\u0315\u1df6"), U"a\u0315\u1df6");  // a mark since Unicode 10
}

}  // namespace
}  // namespace unclip
