#include "image/encode_image.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "image/exif.h"
#include "image/image_texts.h"
#include "image/png.h"
#include "image/psnr.h"
#include "image/read_picture.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;

/// Slopes, (3, 48, 64) uint8
at::Tensor slopes() {
  const auto y = at::arange(48).view({48, 1}), x = at::arange(64).view({1, 64});
  return at::stack({(4 * x + 0 * y), (5 * y + 0 * x), 2 * (x + y)}).to(at::kByte);
}

constexpr ImageFormat kFormats[] = {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp};

std::vector<PngText> texts_of(const std::string& bytes) {
  return texts_of_metadata(decode_image(bytes, "x").metadata);
}

TEST(EncodeImage, WritesTheFormatThatIsAskedFor) {
  for (const auto format : kFormats) {
    const auto bytes = encode_image(slopes(), {}, {.format = format});
    EXPECT_EQ(format_of_bytes(bytes), format);
    const auto again = decode_picture(bytes, "x");
    EXPECT_GT(psnr(again.to(at::kFloat) / 255, slopes().to(at::kFloat) / 255), 35)
        << format_name(format);
  }
}

TEST(EncodeImage, LosesNothingInAPngAndAWebpOfQuality100) {
  for (const auto format : {ImageFormat::kPng, ImageFormat::kWebp}) {
    const auto bytes = encode_image(slopes(), {}, {.format = format, .quality = 100});
    EXPECT_TRUE(at::equal(decode_picture(bytes, "x"), slopes())) << format_name(format);
  }
}

TEST(EncodeImage, IsLargerAndNearerAtAHigherQuality) {
  for (const auto format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
    size_t size = 0;
    double last = 0;
    for (const int quality : {5, 50, 95}) {
      const auto bytes = encode_image(slopes(), {}, {.format = format, .quality = quality});
      const auto near = psnr(decode_picture(bytes, "x").to(at::kFloat), slopes().to(at::kFloat));
      EXPECT_GT(bytes.size(), size);
      EXPECT_TRUE(size == 0 || near > last);
      size = bytes.size();
      last = near;
    }
  }
}

TEST(EncodeImage, KeepsTheTexts) {
  const std::vector<PngText> texts = {
      {"parameters", "a \"red\" ball & <b\xc3\xa4ll>\nSteps: 2, Seed: 7"},
      {"unclip", R"({"prompt": "a \"red\" ball & <ball>", "n": 1.5})"}};
  for (const auto format : kFormats) {
    EXPECT_EQ(texts_of(encode_image(slopes(), texts, {.format = format})), texts)
        << format_name(format);
  }
}

TEST(EncodeImage, KeepsTextsThatOneSegmentCannotHold) {
  std::string numbers;
  while (numbers.size() < 200000) numbers += std::to_string(numbers.size());
  const std::vector<PngText> texts = {{"parameters", numbers}, {"unclip", numbers + "<"}};
  for (const auto format : kFormats) {
    EXPECT_EQ(texts_of(encode_image(slopes(), texts, {.format = format})), texts)
        << format_name(format);
  }
}

TEST(EncodeImage, WritesTheUserCommentThatOtherProgramsRead) {
  const std::vector<PngText> texts = {{"parameters", "a red ball"}};
  for (const auto format : {ImageFormat::kJpeg, ImageFormat::kWebp}) {
    const auto bytes = encode_image(slopes(), texts, {.format = format});
    EXPECT_EQ(exif_user_comment(decode_image(bytes, "x").metadata.exif), "a red ball");
  }
}

TEST(ImageTexts, TakeTheUserCommentOfOtherPrograms) {
  ImageMetadata metadata;
  metadata.exif = exif_with_user_comment("a ball\nSteps: 2", 1000);
  EXPECT_EQ(texts_of_metadata(metadata),
            (std::vector<PngText>{{"parameters", "a ball\nSteps: 2"}}));
  EXPECT_TRUE(texts_of_metadata({}).empty());
}

TEST(ImageTexts, AreReadWithoutThePixels) {
  const std::vector<PngText> texts = {{"parameters", "a ball\nSteps: 2"}, {"unclip", "{}"}};
  for (const auto format : kFormats) {
    const auto bytes = encode_image(slopes(), texts, {.format = format});
    SCOPED_TRACE(format_name(format));
    EXPECT_EQ(decode_image_texts(bytes, "x"), texts);
    const auto message = error_of([&] { decode_image_texts(bytes.substr(0, 60), "x"); });
    EXPECT_TRUE(message.starts_with("x: ")) << message;
  }
  auto without_pixels = encode_image(slopes(), texts, {.format = ImageFormat::kJpeg});
  without_pixels.resize(without_pixels.size() - 100);
  EXPECT_TRUE(testing::mentions(error_of([&] { decode_picture(without_pixels, "x"); }), {"x: "}));
  EXPECT_EQ(decode_image_texts(without_pixels, "x"), texts);
  EXPECT_TRUE(decode_image_texts("GIF89a, and whatever", "x").empty());
  EXPECT_TRUE(decode_image_texts("", "x").empty());
}

TEST(ImageTexts, SurviveAnyXmp) {
  const std::vector<PngText> texts = {{"a", "b < c"}, {"d", "e"}};
  const auto whole = metadata_of_texts(texts, 1000).xmp;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    ImageMetadata metadata;
    metadata.xmp = whole;
    metadata.xmp[random() % whole.size()] ^= static_cast<char>(1 + random() % 255);
    metadata.xmp.resize(random() % 3 > 0 ? whole.size() : random() % whole.size());
    EXPECT_LE(texts_of_metadata(metadata).size(), 2u);
  }
}

TEST(EncodeImage, RefusesWhatTheFormatCannotHold) {
  const auto wide = at::zeros({3, 1, 16384}, at::kByte);
  EXPECT_NE(error_of([&] { encode_image(wide, {}, {.format = ImageFormat::kWebp}); }).find("16383"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { encode_image(wide, {}, {.format = ImageFormat::kJpeg}); }), "");
}

}  // namespace
}  // namespace unclip
