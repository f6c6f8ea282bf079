// BMP files whose pixels are numbers in a table of colours, made byte by byte.

#include "image/read_indexed_bmp.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;

constexpr PictureLimits kSmall = {.side = 1000, .pixels = 10'000};

std::string little_endian_bytes(int64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    bytes += static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return bytes;
}

struct Indexed {
  int width = 4, height = 2, bits = 8, compression = 1;
  std::vector<int> data;  // bytes behind the table of colours
};

/// Colour i is (10 i + 1, 10 i + 2, 10 i + 3), with i from 0 to 2.
std::string bmp_of(const Indexed& image) {
  const auto n = little_endian_bytes;
  std::string bytes = "BM" + n(0, 8) + n(14 + 40 + 12, 4) + n(40, 4) + n(image.width, 4) +
                      n(image.height, 4) + n(1, 2) + n(image.bits, 2) + n(image.compression, 4) +
                      n(0, 12) + n(3, 4) + n(0, 4);
  for (int i = 0; i < 3; ++i) bytes += n(10 * i + 3, 1) + n(10 * i + 2, 1) + n(10 * i + 1, 2);
  for (const int byte : image.data) bytes += static_cast<char>(byte);
  return bytes;
}

/// The numbers of the pixels' colours, row by row from the top; -1 for black.
std::vector<int> pixels_of(const Indexed& image) {
  const auto rgb = decode_indexed_bmp(bmp_of(image), "x", kSmall).rgb;
  EXPECT_EQ(rgb.sizes(), (std::vector<int64_t>{3, std::abs(image.height), image.width}));
  std::vector<int> pixels;
  const auto flat = rgb.flatten(1);
  for (int64_t i = 0; i < flat.size(1); ++i) {
    const auto red = flat[0][i].item<int>();
    const auto number = red == 0 ? -1 : red / 10;
    if (number >= 0) {
      EXPECT_EQ(flat[1][i].item<int>(), 10 * number + 2);
      EXPECT_EQ(flat[2][i].item<int>(), 10 * number + 3);
    }
    pixels.push_back(number);
  }
  return pixels;
}

std::string error_of_bmp(const Indexed& image) {
  return error_of([&] { decode_indexed_bmp(bmp_of(image), "x", kSmall); });
}

using Pixels = std::vector<int>;

TEST(DecodeIndexedBmp, ReadsRunsAndPixelsOfEightBits) {
  EXPECT_EQ(pixels_of({.data = {3, 1, 1, 2, 0, 0, 0, 4, 0, 1, 2, 0, 0, 1}}),
            (Pixels{0, 1, 2, 0, 1, 1, 1, 2}));
  EXPECT_EQ(pixels_of({.data = {0, 3, 0, 1, 2, 99, 1, 1, 0, 0, 4, 2}}),
            (Pixels{2, 2, 2, 2, 0, 1, 2, 1}))
      << "an odd count has a byte more";
  EXPECT_EQ(pixels_of({.height = -2, .data = {4, 1, 0, 0, 4, 2, 0, 1}}),
            (Pixels{1, 1, 1, 1, 2, 2, 2, 2}))
      << "rows from the top";
}

TEST(DecodeIndexedBmp, ReadsRunsAndPixelsOfFourBits) {
  EXPECT_EQ(pixels_of({.width = 5,
                       .bits = 4,
                       .compression = 2,
                       .data = {5, 0x12, 0, 0, 0, 5, 0x01, 0x20, 0x10, 99, 0, 1}}),
            (Pixels{0, 1, 2, 0, 1, 1, 2, 1, 2, 1}));
}

TEST(DecodeIndexedBmp, GivesSkippedPixelsTheFirstColour) {
  EXPECT_EQ(pixels_of({.data = {1, 1, 0, 2, 1, 1, 2, 2, 0, 1}}), (Pixels{0, 0, 2, 2, 1, 0, 0, 0}));
  EXPECT_EQ(pixels_of({.data = {1, 2, 0, 0, 0, 0}}), (Pixels{0, 0, 0, 0, 2, 0, 0, 0}));
  EXPECT_EQ(pixels_of({.data = {0, 1}}), Pixels(8, 0));
}

TEST(DecodeIndexedBmp, LeavesOutPixelsBesideTheImage) {
  EXPECT_EQ(pixels_of({.data = {255, 1, 0, 0, 255, 2, 0, 1}}), (Pixels{2, 2, 2, 2, 1, 1, 1, 1}));
  EXPECT_EQ(pixels_of({.data = {0, 6, 1, 1, 1, 1, 2, 2, 0, 0, 4, 0, 0, 1}}),
            (Pixels{0, 0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(pixels_of({.data = {0, 2, 255, 0, 9, 1, 0, 1}}), Pixels(8, 0));
  EXPECT_EQ(pixels_of({.data = {0, 2, 0, 255, 9, 1, 0, 1}}), Pixels(8, 0));
}

TEST(DecodeIndexedBmp, RefusesRunLengthsThatEndTooSoon) {
  const auto too_soon = [](int row) {
    return "x: is not a whole BMP file: its run lengths end in row " + std::to_string(row) +
           " of 2";
  };
  EXPECT_EQ(error_of_bmp({.data = {}}), too_soon(1));
  EXPECT_EQ(error_of_bmp({.data = {4}}), too_soon(1));
  EXPECT_EQ(error_of_bmp({.data = {4, 1}}), too_soon(1));
  EXPECT_EQ(error_of_bmp({.data = {4, 1, 0, 0, 3, 1}}), too_soon(2));
  EXPECT_EQ(error_of_bmp({.data = {4, 1, 0, 2}}), too_soon(1)) << "within where to go to";
  EXPECT_EQ(error_of_bmp({.data = {0, 4, 1, 1, 1}}), too_soon(1)) << "within pixels";
  EXPECT_EQ(error_of_bmp({.data = {0, 255, 1, 1, 1}}), too_soon(1));
}

TEST(DecodeIndexedBmp, MakesNumbersBehindTheTableBlack) {
  EXPECT_EQ(pixels_of({.compression = 0, .data = {0, 1, 2, 3, 255, 2, 1, 0}}),
            (Pixels{-1, 2, 1, 0, 0, 1, 2, -1}));
  EXPECT_EQ(pixels_of({.data = {4, 3, 0, 0, 4, 200}}), Pixels(8, -1));
}

TEST(DecodeIndexedBmp, NamesWhatItDoesNotRead) {
  EXPECT_EQ(error_of_bmp({.compression = 2}),
            "x: compression of a BMP of 8 bits: expected 0 (none) or 1 (run lengths), got 2");
  EXPECT_EQ(error_of_bmp({.bits = 1, .compression = 3}),
            "x: compression of a BMP of 1 bits: expected 0 (none), got 3");
  EXPECT_EQ(error_of_bmp({.bits = 2, .compression = 0}),
            "x: bits of a pixel: expected 1, 4, 8, 16, 24 or 32, got 2");
  EXPECT_EQ(error_of_bmp({.width = 1001}),
            "x: is 1001 x 2 pixels; expected at most 1000 rows and columns");
  EXPECT_EQ(error_of_bmp({.height = INT32_MIN}),
            "x: is 4 x 2147483648 pixels; expected at most 1000 rows and columns");
  EXPECT_EQ(error_of_bmp({.width = -4}), "x: is -4 x 2 pixels; expected at least one");
  EXPECT_EQ(error_of_bmp({.compression = 0, .data = {0, 0, 0, 0, 0, 0, 0}}),
            "x: is not a whole BMP file: it is too short for its size in pixels");
  const auto whole = bmp_of({});
  EXPECT_EQ(error_of([&] { decode_indexed_bmp(whole.substr(0, 53), "x", kSmall); }),
            "x: is not a whole BMP file: it ends within its header");
  EXPECT_EQ(error_of([&] { decode_indexed_bmp(whole.substr(0, 65), "x", kSmall); }),
            "x: is not a whole BMP file: it ends within its table of 3 colours");
}

}  // namespace
}  // namespace unclip
