#include "image/rgba_png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cstring>
#include <random>
#include <string>

#include "base/error.h"

namespace unclip {
namespace {

std::string encode(int width, int height, const std::vector<uint8_t>& rgba) {
  png_image header = {};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(width);
  header.height = static_cast<png_uint_32>(height);
  header.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&header, nullptr, &size, 0, rgba.data(), 0, nullptr);
  std::string bytes(size, '\0');
  png_image_write_to_memory(&header, bytes.data(), &size, 0, rgba.data(), 0, nullptr);
  bytes.resize(size);
  return bytes;
}

std::vector<uint8_t> some_pixels(size_t count) {
  std::vector<uint8_t> rgba(4 * count);
  for (size_t i = 0; i < rgba.size(); ++i) rgba[i] = static_cast<uint8_t>(37 * i);
  return rgba;
}

TEST(RgbaPng, GivesBackPixelsAndOpacity) {
  const auto pixels = some_pixels(6);
  const RgbaImage image = decode_rgba_png(encode(3, 2, pixels), "x.png");
  EXPECT_EQ(image.width, 3);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.pixels, pixels);
}

TEST(RgbaPng, OfAnyBytesIsAnImageOrAnError) {
  const std::string whole = encode(9, 7, some_pixels(63));
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (unsigned k = random() % 4; k > 0; --k)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 2) bytes.resize(random() % bytes.size());
    try {
      const RgbaImage image = decode_rgba_png(bytes, "x.png");
      EXPECT_EQ(image.pixels.size(), size_t{4} * image.width * image.height);
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("x.png: expected")) << error.what();
    }
  }
}

TEST(RgbaPng, RefusesAnImageWithTooManyPixels) {
  std::string bytes = encode(1, 1, some_pixels(1));
  // The width stands in IHDR, whose checksum follows its 13 bytes.
  bytes[16 + 1] = 2;  // 2 * 65536 + 1 pixels
  bytes[20 + 1] = 2;
  png_uint_32 crc = 0xffffffffu;
  for (int i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  crc = ~crc;
  for (int i = 0; i < 4; ++i)
    bytes[static_cast<size_t>(29 + i)] = static_cast<char>(crc >> (24 - 8 * i));
  try {
    decode_rgba_png(bytes, "x.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("131073"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace unclip
