#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <png.h>

#include "base/error.h"
#include "image/png.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

struct Kind {
  int color_type;
  int depth;
  int interlace = PNG_INTERLACE_NONE;
};

/// Writes a PNG of any kind by libpng; `rows` are its bytes as they lie in the file, big-endian.
void write_kind(const std::filesystem::path& path, const Kind& kind, png_uint_32 width,
                std::vector<std::string> rows, png_color_16* transparent = nullptr) {
  auto* file = std::fopen(path.c_str(), "wb");
  auto png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  auto info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, width, static_cast<png_uint_32>(rows.size()), kind.depth, kind.color_type,
               kind.interlace, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  png_color palette[2] = {{255, 0, 0}, {0, 0, 255}};
  png_byte palette_alpha[2] = {255, 0};
  if (kind.color_type == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE(png, info, palette, 2);
    png_set_tRNS(png, info, palette_alpha, 2, nullptr);
  } else if (transparent != nullptr) {
    png_set_tRNS(png, info, nullptr, 0, transparent);
  }
  png_text text{PNG_TEXT_COMPRESSION_zTXt,
                const_cast<char*>("k"),
                const_cast<char*>("f\xfc"),
                2,
                0,
                nullptr,
                nullptr};
  png_set_text(png, info, &text, 1);
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (auto& row : rows) pointers.push_back(reinterpret_cast<png_bytep>(row.data()));
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

std::vector<float> values(const at::Tensor& image) {
  const auto flat = image.contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

TEST(ReadPng, MakesGreyAColour) {
  TemporaryFolder folder;
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_GRAY, 8}, 1, {"\x33"});
  EXPECT_EQ(values(read_png(folder / "x.png")), std::vector<float>(3, 0x33 / 255.f));
}

TEST(ReadPng, WidensSmallGreys) {
  TemporaryFolder folder;
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_GRAY, 2}, 4, {"\x1b"});  // 0, 1, 2, 3
  EXPECT_TRUE(at::allclose(read_png(folder / "x.png")[1][0], at::arange(4) / 3.f));
}

TEST(ReadPng, LooksUpAPaletteAndPutsItsAlphaOverWhite) {
  TemporaryFolder folder;
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_PALETTE, 1}, 2, {"\x40"});  // colours 0 and 1
  EXPECT_EQ(values(read_png(folder / "x.png")), (std::vector<float>{1, 1, 0, 1, 0, 1}));
}

TEST(ReadPng, PutsAlphaOverWhite) {
  TemporaryFolder folder;
  const std::string pixels("\xff\x00\x00\x00\x00\x00\x33\x66", 8);
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_RGB_ALPHA, 8}, 2, {pixels});
  const auto image = read_png(folder / "x.png");
  EXPECT_EQ(values(image.select(2, 0).contiguous()), (std::vector<float>{1, 1, 1}));
  const float alpha = 0x66 / 255.f;
  EXPECT_NEAR(image[0][0][1].item<float>(), 1 - alpha, 1e-6);
  EXPECT_NEAR(image[2][0][1].item<float>(), 1 - alpha + alpha * 0x33 / 255, 1e-6);
}

TEST(ReadPng, PutsAnAbsentColourOverWhite) {
  TemporaryFolder folder;
  png_color_16 seen_through{0, 0, 0, 0, 0x33};
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_GRAY, 8}, 2, {std::string("\x33\x00", 2)},
             &seen_through);
  EXPECT_EQ(values(read_png(folder / "x.png")[0]), (std::vector<float>{1, 0}));
}

TEST(ReadPng, KeepsSixteenBits) {
  TemporaryFolder folder;
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_RGB, 16}, 1,
             {std::string("\x12\x34\0\1\xff\xff", 6)});
  EXPECT_EQ(values(read_png(folder / "x.png")),
            (std::vector<float>{0x1234 / 65535.f, 1 / 65535.f, 1}));
}

TEST(ReadPng, ReadsInterlacedRows) {
  TemporaryFolder folder;
  std::vector<std::string> rows;
  for (char y = 0; y < 9; ++y) rows.push_back(std::string(9, y));
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_ADAM7}, 9, rows);
  const auto expected = (at::arange(9) / 255.f).reshape({9, 1}).expand({3, 9, 9});
  EXPECT_TRUE(at::equal(read_png(folder / "x.png"), expected));
}

TEST(ReadPng, ReadsACompressedTextAsUtf8) {
  TemporaryFolder folder;
  write_kind(folder / "x.png", {PNG_COLOR_TYPE_GRAY, 8}, 1, {"\x33"});
  EXPECT_EQ(read_png_text(folder / "x.png"), (std::vector<PngText>{{"k", "f\xc3\xbc"}}));
}

TEST(ReadPng, NamesAFileThatIsCutShortAnywhere) {
  TemporaryFolder folder;
  const auto whole = encode_png(at::rand({3, 40, 40}), {{"k", "text"}});
  for (size_t size = 0; size < whole.size(); size += 1 + size / 16) {
    write_text(folder / "cut.png", whole.substr(0, size));
    try {
      read_png(folder / "cut.png");
      FAIL() << "read " << size << " of " << whole.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find((folder / "cut.png").string()), 0u);
    }
  }
}

TEST(ReadPng, SurvivesAWrongByteAnywhere) {
  TemporaryFolder folder;
  const auto whole = encode_png(at::rand({3, 8, 8}), {{"k", "text"}});
  for (size_t i = 0; i < whole.size(); i += 3) {
    auto bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
    write_text(folder / "bad.png", bytes);
    // Only what lies in chunks that no picture needs may be wrong without harm.
    try {
      EXPECT_EQ(read_png(folder / "bad.png").sizes(), (std::vector<int64_t>{3, 8, 8}));
    } catch (const Error&) {
    }
    try {
      read_png_text(folder / "bad.png");
    } catch (const Error&) {
    }
  }
}

TEST(ReadPng, RefusesOtherFiles) {
  TemporaryFolder folder;
  write_text(folder / "text.png", "this is a text\n");
  std::filesystem::create_directory(folder / "dir.png");
  for (const auto* name : {"text.png", "dir.png", "none.png"}) {
    EXPECT_THROW(read_png(folder / name), Error) << name;
    EXPECT_THROW(read_png_text(folder / name), Error) << name;
  }
  EXPECT_THROW(read_png("/dev/zero"), Error);
}

TEST(ReadPng, RefusesAHeaderThatPromisesTooMuch) {
  TemporaryFolder folder;
  const auto path = folder / "x.png";
  // One bit a pixel keeps the file of 2^26 + 8192 pixels small.
  write_kind(path, {PNG_COLOR_TYPE_GRAY, 1}, 8192,
             std::vector<std::string>(8193, std::string(1024, '\0')));
  EXPECT_THROW(read_png(path), Error);
  write_kind(path, {PNG_COLOR_TYPE_GRAY, 1}, 16385, {std::string(2049, '\0')});
  EXPECT_THROW(read_png(path), Error);
}

}  // namespace
}  // namespace unclip
