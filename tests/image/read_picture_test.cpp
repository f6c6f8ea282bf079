#include "image/read_picture.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

const std::filesystem::path kPictures = "tests/golden/pictures";

/// Expects what Pillow reads, each value to within `atol`.
void expect_pillows(const std::vector<std::string>& names, double atol) {
  const Golden golden("pictures/pictures");
  for (const auto& name : names) {
    const auto picture = read_picture(kPictures / name);
    EXPECT_EQ(picture.scalar_type(), at::kByte) << name;
    EXPECT_TRUE(picture.is_contiguous()) << name;
    EXPECT_TRUE(close(picture, golden[name], /*rtol=*/0, atol)) << name;
  }
}

void expect_png(const std::vector<std::string>& names) { expect_pillows(names, /*atol=*/0); }

// The versions of libjpeg round differently.
void expect_jpeg(const std::vector<std::string>& names) { expect_pillows(names, /*atol=*/1); }

TEST(ReadPicture, WidensGreysOfEveryDepth) {
  expect_png({"grey1.png", "grey2.png", "grey4.png", "grey8.png", "grey16.png"});
}

TEST(ReadPicture, LooksUpPalettesOfEveryDepth) {
  expect_png({"palette1.png", "palette2.png", "palette4.png", "palette8.png"});
}

TEST(ReadPicture, KeepsColoursAndTheUpperBitsOfDeepOnes) { expect_png({"rgb8.png", "rgb16.png"}); }

TEST(ReadPicture, PutsWhatIsTransparentOverWhite) {
  expect_png({"grey_alpha8.png", "grey_alpha16.png", "rgba8.png", "rgba16.png",
              "palette4_alpha.png", "grey8_absent.png", "rgb8_absent.png"});
}

TEST(ReadPicture, ReadsInterlacedRows) {
  expect_png({"grey1_interlaced.png", "palette4_interlaced.png", "rgb8_interlaced.png",
              "rgba16_interlaced.png"});
}

TEST(ReadPicture, ReadsASinglePixel) {
  expect_png({"rgb8_interlaced_1x1.png", "rgba8_1x1.png"});
  expect_jpeg({"ycc_1x1.jpg", "grey_1x1.jpg"});
}

TEST(ReadPicture, TurnsAPngByItsExifBeforeAndBehindTheRows) {
  expect_png({"turned6.png", "turned8_at_end.png"});
}

TEST(ReadPicture, ReadsGreyJpegs) { expect_jpeg({"grey.jpg", "grey_progressive.jpg"}); }

TEST(ReadPicture, ReadsColoursWhateverTheirSampling) {
  expect_jpeg({"ycc444.jpg", "ycc422.jpg", "ycc420.jpg", "ycc420_wide.jpg", "rgb.jpg"});
}

TEST(ReadPicture, ReadsProgressiveJpegsAndRestarts) {
  expect_jpeg({"ycc420_progressive.jpg", "ycc444_progressive.jpg", "ycc_restarts.jpg"});
}

TEST(ReadPicture, MakesInksColours) {
  expect_jpeg({"cmyk.jpg", "cmyk_progressive.jpg", "cmyk_plain.jpg", "ycck.jpg"});
}

TEST(ReadPicture, TurnsAJpegByEachOrientation) {
  for (int i = 1; i <= 8; ++i) expect_jpeg({"turned" + std::to_string(i) + ".jpg"});
}

TEST(ReadPicture, TellsAFormatByItsBytesAndNotItsName) {
  TemporaryFolder folder;
  write_text(folder / "a.jpg", read_text(kPictures / "rgb8.png"));
  write_text(folder / "b", read_text(kPictures / "grey.jpg"));
  EXPECT_TRUE(at::equal(read_picture(folder / "a.jpg"), read_picture(kPictures / "rgb8.png")));
  EXPECT_TRUE(at::equal(read_picture(folder / "b"), read_picture(kPictures / "grey.jpg")));
}

TEST(ReadPicture, DoesNotMindWhatFollowsThePicture) {
  TemporaryFolder folder;
  for (const auto* name : {"rgb8.png", "grey.jpg"}) {
    write_text(folder / "x", read_text(kPictures / name) + "a camera's notes");
    EXPECT_TRUE(at::equal(read_picture(folder / "x"), read_picture(kPictures / name))) << name;
  }
}

TEST(ReadPicture, LeavesAPictureAsItLiesWhereItsExifLies) {
  TemporaryFolder folder;
  const auto stored = read_picture(kPictures / "turned1.jpg");
  auto bytes = read_text(kPictures / "turned1.jpg");
  const auto exif = bytes.find(std::string("Exif\0\0", 6)) + 6;
  bytes.replace(exif + 4, 4, "\xff\xff\xff\xff");  // where the directory is
  write_text(folder / "x.jpg", bytes);
  EXPECT_TRUE(at::equal(read_picture(folder / "x.jpg"), stored));
  bytes.replace(exif, 8, "no TIFF.");
  write_text(folder / "x.jpg", bytes);
  EXPECT_TRUE(at::equal(read_picture(folder / "x.jpg"), stored));
}

}  // namespace
}  // namespace unclip
