#include "image/exif.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace unclip {
namespace {

using Bytes = std::vector<uint8_t>;

// Header, directory at 8 of one entry: tag 0x0112, type short, one value.
const Bytes kLittle = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3,
                       0,   1,   0,  0, 0, 6, 0, 0, 0, 0, 0,    0,    0};
const Bytes kBig = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                    3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0,    0,    0};

Bytes with(Bytes bytes, size_t at, const Bytes& values) {
  std::copy(values.begin(), values.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

TEST(ExifOrientation, IsReadInBothOrdersOfBytes) {
  EXPECT_EQ(exif_orientation(kLittle), 6);
  EXPECT_EQ(exif_orientation(kBig), 6);
}

TEST(ExifOrientation, IsFoundBehindOtherEntries) {
  Bytes two = with(kLittle, 8, {2});
  const Bytes other = {0x0f, 0x01, 2, 0, 4, 0, 0, 0, 'm', 'a', 'k', 'e'};
  two.insert(two.begin() + 10, other.begin(), other.end());
  EXPECT_EQ(exif_orientation(two), 6);
}

TEST(ExifOrientation, IsUprightWhereNothingIsTold) {
  EXPECT_EQ(exif_orientation({}), 1);
  EXPECT_EQ(exif_orientation(with(kLittle, 8, {0})), 1);
  EXPECT_EQ(exif_orientation(with(kLittle, 10, {0x13})), 1);
}

TEST(ExifOrientation, IsUprightWhereTheValueIsNone) {
  for (const uint8_t value : {0, 9, 255}) {
    EXPECT_EQ(exif_orientation(with(kLittle, 18, {value})), 1);
  }
  EXPECT_EQ(exif_orientation(with(kLittle, 12, {5})), 1) << "a fraction";
  EXPECT_EQ(exif_orientation(with(kLittle, 14, {2})), 1) << "two values";
}

TEST(ExifOrientation, IsUprightWhereOffsetsAndLengthsLie) {
  for (const Bytes& offset : {Bytes{0xff, 0xff, 0xff, 0xff}, Bytes{26, 0, 0, 0}, Bytes{25, 0, 0, 0},
                              Bytes{0xfe, 0xff, 0xff, 0x7f}}) {
    EXPECT_EQ(exif_orientation(with(kLittle, 4, offset)), 1);
  }
  EXPECT_EQ(exif_orientation(with(with(kLittle, 8, {0xff, 0xff}), 10, {0, 0})), 1);
}

TEST(ExifOrientation, SurvivesABlockThatIsCutShortAnywhere) {
  // Its own memory, so that a read past the end is seen by a sanitizer.
  for (size_t size = 0; size < 20; ++size) {
    const Bytes cut(kLittle.begin(), kLittle.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(cut), 1) << size << " bytes";
  }
}

TEST(ExifOrientation, SurvivesAWrongByteAnywhere) {
  for (size_t i = 0; i < kLittle.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      const int orientation = exif_orientation(with(kLittle, i, {static_cast<uint8_t>(value)}));
      EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    }
  }
}

// The first row and column of a picture that lies by each orientation, as the standard has it:
// where the stored picture's upper left corner belongs.
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
