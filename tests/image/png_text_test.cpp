#include "image/png_text.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace unclip {
namespace {

// What a PNG ends with: length 0, IEND, its checksum as the standard gives it.
const std::string kEnd("\0\0\0\0IEND\xae\x42\x60\x82", 12);
const std::string kPng = "the rest" + kEnd;

std::string chunks(const std::string& keyword, const std::string& text) {
  const auto png = with_texts(kPng, {{keyword, text}});
  EXPECT_EQ(png.substr(0, 8), "the rest");
  EXPECT_EQ(png.substr(png.size() - 12), kEnd);
  return png.substr(8, png.size() - 20);
}

TEST(PngText, PutsLengthTypeAndChecksumAroundAText) {
  // The checksum is Python's zlib.crc32(b"tEXtTitle\0fox").
  EXPECT_EQ(chunks("Title", "fox"), std::string("\0\0\0\x09tEXtTitle\0fox\xc6\x1e\xd8\xc9", 21));
}

TEST(PngText, WritesLatin1AsLatin1) {
  EXPECT_NE(chunks("k", "f\xc3\xbc\n").find(std::string("tEXtk\0f\xfc\n", 9)), std::string::npos);
}

TEST(PngText, WritesOtherTextAsUtf8) {
  for (const std::string text : {"\xe7\x8b\x90", "\xc2\x85", "tab\t", "\xc5\x93"}) {
    const auto head = std::string("iTXtk\0\0\0\0\0", 10) + text;
    EXPECT_NE(chunks("k", text).find(head), std::string::npos) << text;
  }
}

TEST(PngText, ReplacesWhatNoChunkCanHold) {
  EXPECT_NE(chunks("k", std::string("a\0b", 3))
                .find("a\xef\xbf\xbd"
                      "b"),
            std::string::npos);
  EXPECT_NE(chunks("k", "a\r\nb\rc").find("a\nb\nc"), std::string::npos);
}

TEST(PngText, RefusesAKeywordAgainstTheRules) {
  for (const std::string& keyword : {std::string(), std::string(80, 'k'), std::string(" k"),
                                     std::string("k "), std::string("a  b"), std::string("a\nb"),
                                     std::string("a\xa0"
                                                 "b")}) {
    EXPECT_THROW(with_texts(kPng, {{keyword, "x"}}), c10::Error) << keyword;
  }
  EXPECT_NO_THROW(with_texts(kPng, {{std::string(79, 'k'), "x"}}));
}

}  // namespace
}  // namespace unclip
