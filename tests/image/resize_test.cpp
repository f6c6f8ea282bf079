#include "image/resize.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unclip {
namespace {

// Keys 1981, with a = -1/2.
double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/// One row of n_in pixels that are 1 at `at` and 0 elsewhere, resized to n_out, at `i`.
double weight(int n_in, int n_out, int i, int at) {
  const double scale = static_cast<double>(n_in) / n_out;
  const double support = std::max(scale, 1.0);  // the kernel widens where pixels are lost
  const double centre = (i + 0.5) * scale;
  double sum = 0;
  for (int j = 0; j < n_in; ++j) sum += cubic((j + 0.5 - centre) / support);
  return cubic((at + 0.5 - centre) / support) / sum;
}

class EverySize : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(EverySize, WeighsPixelsByTheAntialiasedCubic) {
  const auto [n_in, n_out] = GetParam();
  const auto basis = at::eye(n_in).reshape({1, n_in, 1, n_in});  // channel c is 1 at column c
  const auto resized = resize_bicubic(basis, 1, n_out);
  ASSERT_EQ(resized.sizes(), (std::vector<int64_t>{1, n_in, 1, n_out}));
  for (int at = 0; at < n_in; ++at) {
    for (int i = 0; i < n_out; ++i) {
      EXPECT_NEAR(resized[0][at][0][i].item<double>(), weight(n_in, n_out, i, at), 1e-5)
          << "pixel " << at << " of " << n_in << " in pixel " << i << " of " << n_out;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(ResizeBicubic, EverySize,
                         ::testing::Values(std::pair(8, 32), std::pair(8, 8), std::pair(32, 8),
                                           std::pair(7, 10)));

TEST(ResizeBicubic, ResizesRowsAndColumnsAlike) {
  const auto x = at::arange(2 * 3 * 5 * 5, at::kFloat).reshape({2, 3, 5, 5}).sin();
  const auto turned = resize_bicubic(x.transpose(2, 3).contiguous(), 9, 7).transpose(2, 3);
  EXPECT_TRUE(at::allclose(resize_bicubic(x, 7, 9), turned, 1e-5, 1e-6));
}

}  // namespace
}  // namespace unclip
