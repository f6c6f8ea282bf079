#include "image/resize_8bit.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <string>

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
