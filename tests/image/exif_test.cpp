#include "image/exif.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

namespace unclip {
namespace {

using namespace std::string_literals;

// Header, directory at 8 of one entry: tag 0x0112, type short, one value.
const auto kLittle = "II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s;
const auto kBig = "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;

std::string with(std::string bytes, size_t at, const std::string& values) {
  return bytes.replace(at, values.size(), values);
}

// read_formats_test.cpp has the types and orders that Pillow reads.
TEST(ExifOrientation, IsReadInBothOrdersOfBytes) {
  EXPECT_EQ(exif_orientation(kLittle), 6);
  EXPECT_EQ(exif_orientation(kBig), 6);
  EXPECT_EQ(exif_orientation("Exif\0\0"s + kBig), 6);
}

TEST(ExifOrientation, IsAbsentWithoutItsEntry) {
  EXPECT_EQ(exif_orientation(""), std::nullopt);
  EXPECT_EQ(exif_orientation(with(kLittle, 8, "\0"s)), std::nullopt);
  EXPECT_EQ(exif_orientation(with(kLittle, 10, "\x13")), std::nullopt);
  EXPECT_EQ(exif_orientation(with(kLittle, 14, "\0"s)), std::nullopt) << "no value";
}

TEST(ExifOrientation, IsUprightForAValueThatMeansNothing) {
  for (const auto* value : {"\0", "\x09", "\xff"}) {
    EXPECT_EQ(exif_orientation(with(kLittle, 18, std::string(value, 1))), 1);
  }
}

TEST(ExifOrientation, IsAbsentIfOffsetsAndLengthsLie) {
  for (const auto& offset :
       {"\xff\xff\xff\xff"s, "\x1a\0\0\0"s, "\x19\0\0\0"s, "\xfe\xff\xff\x7f"s}) {
    EXPECT_EQ(exif_orientation(with(kLittle, 4, offset)), std::nullopt);
  }
  EXPECT_EQ(exif_orientation(with(with(kLittle, 8, "\xff\xff"), 10, "\0\0"s)), std::nullopt);
  EXPECT_EQ(exif_orientation(with(kLittle, 14, "\xff\xff\xff\xff")), std::nullopt);
}

TEST(Exif, SurvivesABlockThatIsCutShortAnywhere) {
  // Its own memory, so that a read past the end is seen by a sanitizer.
  const auto comment = exif_with_user_comment("a red ball", 1000);
  for (size_t size = 0; size < 20; ++size) {
    EXPECT_EQ(exif_orientation(std::string(kLittle, 0, size)), std::nullopt) << size << " bytes";
  }
  for (size_t size = 0; size < comment.size(); ++size) {
    EXPECT_EQ(exif_user_comment(std::string(comment, 0, size)), std::nullopt) << size << " bytes";
  }
}

TEST(Exif, SurvivesAWrongByteAnywhere) {
  const auto comment = exif_with_user_comment("a red ball", 1000);
  for (const auto& block : {kLittle, kBig, comment}) {
    for (size_t i = 0; i < block.size(); ++i) {
      for (int value = 0; value < 256; ++value) {
        const auto bytes = with(block, i, std::string(1, static_cast<char>(value)));
        const int orientation = exif_orientation(bytes).value_or(1);
        EXPECT_TRUE(orientation >= 1 && orientation <= 8);
        exif_user_comment(bytes);
      }
    }
  }
}

TEST(ExifUserComment, ComesBackWhateverItsCharacters) {
  for (const auto& text : {"a red ball"s, "ein B\xc3\xa4r, \xe7\x86\x8a, \xf0\x9f\xa6\x8a"s, ""s}) {
    EXPECT_EQ(exif_user_comment(exif_with_user_comment(text, 1000)), text);
  }
}

// As piexif.helper.UserComment.dump(..., encoding="unicode") writes it, by which A1111 does.
TEST(ExifUserComment, IsUtf16OfTheBlocksOrder) {
  const auto exif = exif_with_user_comment("ab", 1000);
  EXPECT_TRUE(exif.starts_with("MM\0*"s));
  EXPECT_TRUE(exif.ends_with("UNICODE\0\0a\0b"s));
}

TEST(ExifUserComment, IsReadAsAsciiToo) {
  auto exif = exif_with_user_comment("abcd", 1000);
  exif.replace(exif.size() - 16, 8, "ASCII\0\0\0"s);
  exif.replace(exif.size() - 8, 8, "a ball\0\0"s);
  EXPECT_EQ(exif_user_comment(exif), "a ball");
  exif.replace(exif.size() - 16, 8, "JIS\0\0\0\0\0"s);
  EXPECT_EQ(exif_user_comment(exif), std::nullopt);
}

TEST(ExifUserComment, LosesWholeCharactersIfThereIsNoRoom) {
  const auto exif = exif_with_user_comment("ab\xf0\x9f\xa6\x8a", 44 + 8 + 6);
  EXPECT_LE(exif.size(), 58u);
  EXPECT_EQ(exif_user_comment(exif), "ab");
}

// The first row and column of an image that is stored by each orientation, as the standard has it:
// where the stored image's upper left corner belongs.
TEST(Upright, PutsTheStoredCornerWhereTheStandardSays) {
  const auto stored = at::zeros({3, 2, 4}, at::kByte);
  stored.select(1, 0).select(1, 0).fill_(1);  // row 0, column 0
  stored.select(1, 0).select(1, 3).fill_(2);  // row 0, last column
  struct Corner {
    int orientation, row, column, row_of_2, column_of_2;
  };
  const Corner corners[] = {{1, 0, 0, 0, 3}, {2, 0, 3, 0, 0}, {3, 1, 3, 1, 0}, {4, 1, 0, 1, 3},
                            {5, 0, 0, 3, 0}, {6, 0, 1, 3, 1}, {7, 3, 1, 0, 1}, {8, 3, 0, 0, 0}};
  for (const auto& c : corners) {
    const auto picture = upright(stored, c.orientation);
    SCOPED_TRACE(c.orientation);
    EXPECT_EQ(picture.size(1), c.orientation < 5 ? 2 : 4);
    EXPECT_EQ(picture[2][c.row][c.column].item<int>(), 1);
    EXPECT_EQ(picture[2][c.row_of_2][c.column_of_2].item<int>(), 2);
    EXPECT_TRUE(picture.is_contiguous());
  }
}

}  // namespace
}  // namespace unclip
