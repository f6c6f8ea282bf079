#include "image/image_format.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/weights/files.h"

namespace unclip {
namespace {

using namespace std::string_literals;
using testing::read_text;

TEST(FormatOfName, KnowsEveryExtensionInAnyCase) {
  const std::pair<const char*, ImageFormat> names[] = {
      {"a.png", ImageFormat::kPng},    {"a.PNG", ImageFormat::kPng},
      {"a.jpg", ImageFormat::kJpeg},   {"a.JPEG", ImageFormat::kJpeg},
      {"a.jpe", ImageFormat::kJpeg},   {"a.Jfif", ImageFormat::kJpeg},
      {"a.WebP", ImageFormat::kWebp},  {"a.gif", ImageFormat::kGif},
      {"a.bmp", ImageFormat::kBmp},    {"a.dib", ImageFormat::kBmp},
      {"a.TIF", ImageFormat::kTiff},   {"a.tiff", ImageFormat::kTiff},
      {"a.avif", ImageFormat::kAvif},  {"a.heic", ImageFormat::kHeic},
      {"a.b.heif", ImageFormat::kHeic}};
  for (const auto& [name, format] : names) EXPECT_EQ(format_of_name(name), format) << name;
  for (const auto* name : {"png", ".png", "a.pn", "a.jp2", "a", "", "a.png.txt"}) {
    EXPECT_EQ(format_of_name(name), std::nullopt) << name;
  }
}

TEST(FormatOfBytes, IsThatOfEachKindOfFile) {
  const std::pair<const char*, ImageFormat> files[] = {
      {"tests/golden/pictures/rgb8.png", ImageFormat::kPng},
      {"tests/golden/pictures/grey.jpg", ImageFormat::kJpeg},
      {"tests/golden/images/lossy.webp", ImageFormat::kWebp},
      {"tests/golden/images/palette.gif", ImageFormat::kGif},
      {"tests/golden/images/rgb.bmp", ImageFormat::kBmp},
      {"tests/golden/images/grey.tiff", ImageFormat::kTiff},
      {"tests/golden/images/lossy.avif", ImageFormat::kAvif},
      {"tests/golden/images/photo.heic", ImageFormat::kHeic}};
  for (const auto& [file, format] : files) {
    const auto bytes = read_text(file);
    ASSERT_FALSE(bytes.empty()) << file;
    EXPECT_EQ(format_of_bytes(bytes), format) << file;
    EXPECT_EQ(format_of_bytes(bytes.substr(0, kImageMagicBytes)), format) << file;
    EXPECT_EQ(format_of_bytes(bytes.substr(0, 3)),
              format == ImageFormat::kJpeg ? std::optional(format) : std::nullopt);
  }
}

TEST(FormatOfBytes, IsNoneForTextThatBeginsLikeOne) {
  for (const std::string text : {"BMW, Audi and others\nin a list", "RIFF raff, WEB", "II*", "",
                                 "GIF", "....ftypmp42....isom"}) {
    EXPECT_EQ(format_of_bytes(text), std::nullopt) << text;
  }
}

TEST(DescribeImage, NamesFormatsThatAreNotRead) {
  EXPECT_EQ(describe_image("\0\0\0\x0cJXL \r\n"s), "a JPEG XL image");
  EXPECT_EQ(describe_image("8BPS"), "a Photoshop image");
  EXPECT_EQ(describe_image("\xff\xd8\xff\xe0"), "a JPEG image");
  EXPECT_EQ(describe_image("a text"), "");
}

TEST(IsWritten, HoldsForPngJpegAndWebp) {
  EXPECT_TRUE(is_written(ImageFormat::kPng) && is_written(ImageFormat::kJpeg) &&
              is_written(ImageFormat::kWebp));
  EXPECT_FALSE(is_written(ImageFormat::kAvif) || is_written(ImageFormat::kGif));
  EXPECT_EQ(written_extensions(), ".png, .jpg, .jpeg, .jpe, .jfif or .webp");
}

}  // namespace
}  // namespace unclip
