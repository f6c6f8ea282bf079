#include "image/png.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::TemporaryFolder;

/// (3, H, W), every value a whole number of 255ths.
at::Tensor pattern(int64_t height, int64_t width) {
  return at::arange(3 * height * width, at::kFloat).reshape({3, height, width}).remainder(256) /
         255;
}

TEST(Png, RoundsHalvesToEven) {
  const auto image = at::tensor({0.5f / 255, 1.5f / 255, 2.5f / 255}).reshape({3, 1, 1});
  EXPECT_EQ(to_8bit(image), (std::vector<uint8_t>{0, 2, 2}));
}

TEST(Png, ClampsToTheRange) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto image = at::tensor({-0.5f, 1.5f, infinity}).reshape({3, 1, 1});
  EXPECT_EQ(to_8bit(image), (std::vector<uint8_t>{0, 255, 255}));
}

TEST(Png, PutsTheColoursOfAPixelSideBySide) {
  const auto image = at::tensor({1, 2, 3, 4, 5, 6}, at::kFloat).reshape({3, 1, 2}) / 255;
  EXPECT_EQ(to_8bit(image), (std::vector<uint8_t>{1, 3, 5, 2, 4, 6}));
}

TEST(Png, RefusesWhatIsNotANumber) {
  EXPECT_THROW(to_8bit(at::full({3, 2, 2}, std::nan(""))), Error);
}

TEST(Png, ReadsBackWhatItWrote) {
  TemporaryFolder folder;
  for (const auto& [height, width] : {std::pair(1, 1), std::pair(5, 3), std::pair(64, 96)}) {
    const auto image = pattern(height, width);
    const auto path = write_png(folder / "fox.png", image, {}, WriteMode::kOverwrite);
    EXPECT_TRUE(at::equal(read_png(path), image)) << height << " x " << width;
  }
}

TEST(Png, ReadsBackItsTexts) {
  TemporaryFolder folder;
  const std::vector<PngText> texts = {{"parameters", "a red fox\nSteps: 25"},
                                      {"unclip", "{\"prompt\": \"\xe7\x8b\x90\"}"},
                                      {"e", ""}};
  const auto path = write_png(folder / "fox.png", pattern(4, 4), texts, WriteMode::kOverwrite);
  EXPECT_EQ(read_png_text(path), texts);
  EXPECT_TRUE(at::equal(read_png(path), pattern(4, 4)));
}

}  // namespace
}  // namespace unclip
