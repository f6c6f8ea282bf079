#include "image/resize_8bit.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

/// (7 x^2 + 3 x y + 13 y + 31 c) mod 256, as tests/golden/make_pictures.py has it.
at::Tensor formula(int64_t height, int64_t width) {
  const auto c = at::arange(3, at::kLong).reshape({3, 1, 1});
  const auto y = at::arange(height, at::kLong).reshape({1, height, 1});
  const auto x = at::arange(width, at::kLong).reshape({1, 1, width});
  return (7 * x * x + 3 * x * y + 13 * y + 31 * c).remainder(256).to(at::kByte);
}

struct Sizes {
  int64_t height, width, new_height, new_width;
};

class EverySize8bit : public ::testing::TestWithParam<Sizes> {};

TEST_P(EverySize8bit, GivesTheBytesThatPillowGives) {
  const auto [height, width, new_height, new_width] = GetParam();
  const Golden golden("pictures/resized");
  const auto name = std::to_string(height) + "x" + std::to_string(width) + "." +
                    std::to_string(new_height) + "x" + std::to_string(new_width);
  const auto resized = resize_bicubic_8bit(formula(height, width), new_height, new_width);
  EXPECT_TRUE(close(resized, golden[name], /*rtol=*/0, /*atol=*/0)) << name;
}

INSTANTIATE_TEST_SUITE_P(
    ResizeBicubic8bit, EverySize8bit,
    ::testing::Values(Sizes{37, 29, 37, 29}, Sizes{37, 29, 61, 47}, Sizes{37, 29, 12, 9},
                      Sizes{37, 29, 7, 50}, Sizes{37, 29, 37, 11}, Sizes{37, 29, 5, 29},
                      Sizes{37, 29, 36, 28}, Sizes{37, 29, 1, 1}, Sizes{37, 29, 90, 3},
                      Sizes{1, 1, 5, 7}, Sizes{2, 60, 9, 4}, Sizes{100, 1, 13, 2},
                      Sizes{1, 300, 3, 5}, Sizes{480, 640, 24, 32}, Sizes{427, 640, 33, 50}));

struct PartCase {
  Sizes sizes;
  std::optional<Box> box = {};
  std::string box_name = {};  // the sides as the script writes them
  double gap = 0;
  std::string gap_name = {};
};

class EveryPart8bit : public ::testing::TestWithParam<PartCase> {};

TEST_P(EveryPart8bit, GivesTheBytesThatPillowGives) {
  const Golden golden("pictures/resized");
  const auto& c = GetParam();
  const auto [height, width, new_height, new_width] = c.sizes;
  const auto picture = formula(height, width);
  for (const auto& [filter, filter_name] : {std::pair{ResizeFilter::kBicubic, "bicubic"},
                                            std::pair{ResizeFilter::kLanczos, "lanczos"}}) {
    const auto name = std::string(filter_name) + "." + std::to_string(height) + "x" +
                      std::to_string(width) + "." + std::to_string(new_height) + "x" +
                      std::to_string(new_width) + c.box_name + c.gap_name;
    const auto resized = resize_8bit(picture, new_height, new_width,
                                     {.filter = filter, .box = c.box, .reducing_gap = c.gap});
    EXPECT_TRUE(close(resized, golden[name], /*rtol=*/0, /*atol=*/0)) << name;
    // Each channel by itself.
    const auto grey = resize_8bit(picture.narrow(0, 1, 1), new_height, new_width,
                                  {.filter = filter, .box = c.box, .reducing_gap = c.gap});
    EXPECT_TRUE(at::equal(grey, resized.narrow(0, 1, 1))) << name;
  }
}

// Both orders of the passes; reductions in one direction and in both; boxes within pixels, and
// boxes that are as large as the result in both directions or in one.
INSTANTIATE_TEST_SUITE_P(
    Resize8bit, EveryPart8bit,
    ::testing::Values(
        PartCase{{37, 29, 61, 47}}, PartCase{{37, 29, 12, 9}}, PartCase{{90, 40, 20, 38}},
        PartCase{{37, 29, 12, 9}, {}, "", 1, ".gap1.0"},
        PartCase{{100, 90, 24, 40}, {}, "", 1, ".gap1.0"},
        PartCase{{101, 93, 24, 40}, {}, "", 2.5, ".gap2.5"},
        PartCase{{60, 80, 16, 16}, Box{3.25, 7.5, 70.125, 50.75}, ".3.25.7.5.70.125.50.75"},
        PartCase{
            {120, 90, 16, 16}, Box{3.5, 7, 70.25, 111.5}, ".3.5.7.0.70.25.111.5", 1, ".gap1.0"},
        PartCase{{37, 29, 20, 11}, Box{5, 6, 16, 26}, ".5.6.16.26"},
        PartCase{{37, 29, 60, 11}, Box{5, 6, 16, 26}, ".5.6.16.26", 1, ".gap1.0"},
        PartCase{{37, 29, 37, 11}, Box{3, 0, 14, 37}, ".3.0.14.37"},
        PartCase{{203, 77, 32, 64}, {}, "", 1, ".gap1.0"}));

TEST(Reduce8bit, GivesTheBytesThatPillowGives) {
  const Golden golden("pictures/resized");
  struct Case {
    int64_t height, width, rows, columns;
  };
  for (const auto& c :
       {Case{37, 29, 1, 1}, Case{37, 29, 2, 2}, Case{37, 29, 3, 1}, Case{37, 29, 5, 7},
        Case{30, 28, 3, 4}, Case{37, 29, 50, 40}, Case{64, 64, 6, 6}}) {
    const auto name = "reduced." + std::to_string(c.height) + "x" + std::to_string(c.width) + "." +
                      std::to_string(c.rows) + "x" + std::to_string(c.columns);
    const auto y = reduce_8bit(formula(c.height, c.width), c.rows, c.columns);
    EXPECT_TRUE(close(y, golden[name], /*rtol=*/0, /*atol=*/0)) << name;
  }
}

TEST(Resize8bit, RefusesABoxBeyondThePicture) {
  const auto picture = formula(8, 9);
  EXPECT_NO_THROW(resize_8bit(picture, 3, 3, {.box = Box{0, 0, 9, 8}}));
  EXPECT_THROW(resize_8bit(picture, 3, 3, {.box = Box{0, 0, 9.5, 8}}), c10::Error);
  EXPECT_THROW(resize_8bit(picture, 3, 3, {.box = Box{-1, 0, 9, 8}}), c10::Error);
  EXPECT_THROW(resize_8bit(picture, 3, 3, {.box = Box{4, 0, 4, 8}}), c10::Error);
  EXPECT_THROW(resize_8bit(picture, 3, 3, {.reducing_gap = 0.5}), c10::Error);
}

TEST(ResizeBicubic8bit, KeepsAPictureOfOneColour) {
  for (const int value : {0, 1, 127, 255}) {
    const auto picture = at::full({3, 19, 31}, value, at::kByte);
    for (const int64_t size : {1, 8, 31, 100}) {
      const auto resized = resize_bicubic_8bit(picture, size, size);
      EXPECT_TRUE(at::equal(resized, at::full({3, size, size}, value, at::kByte)))
          << value << ", " << size;
    }
  }
}

TEST(ResizeBicubic8bit, ReadsAPictureThatIsAView) {
  const auto picture = formula(29, 37).transpose(1, 2);
  EXPECT_TRUE(at::equal(resize_bicubic_8bit(picture, 10, 10),
                        resize_bicubic_8bit(picture.contiguous(), 10, 10)));
}

TEST(ResizeBicubic8bit, RefusesWhatIsNoPicture) {
  EXPECT_THROW(resize_bicubic_8bit(at::zeros({3, 4, 4}), 2, 2), c10::Error);
  EXPECT_THROW(resize_bicubic_8bit(at::zeros({1, 4, 4}, at::kByte), 2, 2), c10::Error);
  EXPECT_THROW(resize_bicubic_8bit(at::zeros({3, 0, 4}, at::kByte), 2, 2), c10::Error);
  EXPECT_THROW(resize_bicubic_8bit(formula(4, 4), 0, 2), c10::Error);
}

}  // namespace
}  // namespace unclip
