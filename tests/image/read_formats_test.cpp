// Files of every format, and of every way to say which way up they are, as Pillow reads them.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "image/image_format.h"
#include "image/read_picture.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"
#include "tests/support/golden.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::close;
using testing::error_of;
using testing::Golden;
using testing::read_text;

namespace fs = std::filesystem;

const fs::path kImages = "tests/golden/images";

std::vector<std::string> names_of_images() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(kImages, ignored)) {
    if (format_of_name(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Versions of libjpeg round differently, so do libwebp's and libheif's conversions to RGB.
double tolerance(const std::string& name) {
  if (name == "lossy.avif") return 16;  // libheif repeats colours of 4:2:0, libavif interpolates
  if (name.starts_with("lossy") || name == "photo.heic") return 6;
  if (name.ends_with(".avif")) return 3;
  if (name.ends_with(".jpg") || name == "jpeg.tiff") return 2;
  return name == "cmyk.tiff" ? 1 : 0;
}

class EveryImage : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryImage, IsReadAsByPillow) {
  static const Golden golden("images/images");
  const auto image = read_picture(kImages / GetParam());
  EXPECT_EQ(image.scalar_type(), at::kByte);
  EXPECT_TRUE(image.is_contiguous());
  EXPECT_TRUE(close(image, golden[GetParam()], /*rtol=*/0, tolerance(GetParam())));
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  auto name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, EveryImage, ::testing::ValuesIn(names_of_images()), test_name);

// One of each decoder's ways through a file.
const std::vector<std::string> kKinds = {"lossy.webp",
                                         "lossless.webp",
                                         "alpha.webp",
                                         "animated.webp",
                                         "palette.gif",
                                         "rgb.bmp",
                                         "palette.bmp",
                                         "rle8.bmp",
                                         "rle4.bmp",
                                         "rle8_delta.bmp",
                                         "os2_4.bmp",
                                         "interlaced.gif",
                                         "rgb_lzw.tiff",
                                         "rgb_adobe_deflate.tiff",
                                         "jpeg.tiff",
                                         "fax.tiff",
                                         "rgb_packbits.tiff",
                                         "lossy.avif",
                                         "photo.heic",
                                         "exif.webp",
                                         "xmp.png",
                                         "raw_profile_compressed.png",
                                         "exif_in_two_segments.jpg"};

void expect_error_or_image(const std::string& bytes, const std::string& name) {
  const auto message = error_of([&] {
    const auto image = decode_picture(bytes, name);
    EXPECT_EQ(image.size(0), 3);
  });
  EXPECT_TRUE(message.empty() || message.starts_with(name + ": ")) << message;
  EXPECT_EQ(message.find('\n'), message.npos) << message;
}

TEST(DecodePicture, RefusesAFileThatIsCutShortOrReadsTheWholeImage) {
  for (const auto& name : kKinds) {
    const auto whole = read_text(kImages / name);
    const auto image = decode_picture(whole, name);
    int refused = 0, read = 0;
    const size_t step = name.ends_with("if") || name.ends_with("ic") ? 97 : 23;
    for (size_t size = 0; size < whole.size(); size += step) {
      const auto message = error_of([&] {
        EXPECT_TRUE(at::equal(decode_picture(whole.substr(0, size), name), image)) << name << size;
        ++read;
      });
      refused += !message.empty();
      EXPECT_TRUE(message.empty() || message.starts_with(name + ": ")) << message;
    }
    EXPECT_GT(refused, 4 * read) << name;
  }
}

TEST(DecodePicture, SurvivesWrongBytesAnywhere) {
  for (const auto& name : kKinds) {
    const auto whole = read_text(kImages / name);
    for (unsigned seed = 0; seed < 100; ++seed) {
      std::mt19937 random(seed);
      auto bytes = whole;
      for (unsigned i = 0; i <= seed % 4; ++i) {
        bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
      }
      SCOPED_TRACE(name + ", seed " + std::to_string(seed));
      expect_error_or_image(bytes, name);
    }
  }
}

TEST(DecodePicture, SurvivesBytesOfOneFormatBehindTheMagicOfAnother) {
  for (const auto& head : kKinds) {
    for (const auto& tail : kKinds) {
      const auto bytes = read_text(kImages / head).substr(0, 40) + read_text(kImages / tail);
      SCOPED_TRACE(head + " before " + tail);
      expect_error_or_image(bytes, head);
    }
  }
}

std::string little_endian(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
  return bytes;
}

TEST(DecodePicture, AllocatesNothingForAHeaderThatPromisesTooMuch) {
  const auto bmp = read_text(kImages / "rgb.bmp");
  const auto with_size = [&](uint32_t width, uint32_t height) {
    return std::string(bmp).replace(18, 8, little_endian(width) + little_endian(height));
  };
  EXPECT_EQ(error_of([&] { decode_picture(with_size(60000, 60000), "x"); }),
            "x: is 60000 x 60000 pixels; expected at most 134217728 pixels");
  EXPECT_EQ(error_of([&] { decode_picture(with_size(5000, 5000), "x"); }),
            "x: is not a whole BMP file: it is too short for its size in pixels");
  auto gif = read_text(kImages / "palette.gif");
  const auto descriptor = gif.find("\x2c") + 5;
  gif.replace(descriptor, 4, "\xff\xff\xff\xff");
  EXPECT_TRUE(testing::mentions(error_of([&] { decode_picture(gif, "x"); }), {"x: "}));
}

TEST(DecodePicture, NamesWhatItCannotRead) {
  EXPECT_EQ(
      error_of([&] { decode_picture("", "x"); }),
      "x: expected a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC image, found an empty file");
  EXPECT_TRUE(error_of([&] { decode_picture("8BPS....", "x"); }).ends_with("a Photoshop image"));
  EXPECT_TRUE(error_of([&] { decode_picture("abc", "x"); }).ends_with("found the bytes 61 62 63"));
}

}  // namespace
}  // namespace unclip
