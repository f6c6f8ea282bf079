#include "nn/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nn/noise_source.h"
#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

TEST(Halves, SplitsInTheMiddle) {
  const auto x = at::arange(12).reshape({2, 6});
  const auto [left, right] = halves(x, 1);
  EXPECT_TRUE(close(left, at::tensor({0, 1, 2, 6, 7, 8}).reshape({2, 3}), 0));
  EXPECT_TRUE(close(right, at::tensor({3, 4, 5, 9, 10, 11}).reshape({2, 3}), 0));
  EXPECT_THROW(halves(at::zeros({3}), 0), c10::Error);
}

TEST(Heads, AreSplitFromTheWidthAndMergedAgain) {
  const auto x = at::arange(24).reshape({1, 4, 6});
  const auto split = split_heads(x, 3);
  ASSERT_EQ(split.sizes(), (std::vector<int64_t>{1, 3, 4, 2}));
  // Head 1 of token 2 is columns 2 and 3 of row 2.
  EXPECT_TRUE(close(split[0][1][2], at::tensor({14, 15}), 0));
  EXPECT_TRUE(close(merge_heads(split), x, 0));
}

TEST(Attention, IsItsFormula) {
  NoiseSource noise({1});
  const auto q = noise.draw({2, 3, 4}), k = noise.draw({2, 5, 4}), v = noise.draw({2, 5, 4});
  const auto mask = noise.draw({1, 3, 5});
  const auto weights = (at::matmul(q, k.transpose(-1, -2)) / std::sqrt(4.0) + mask).softmax(-1);
  EXPECT_TRUE(close(attention(q, k, v, mask), at::matmul(weights, v), /*rtol=*/1e-5));
}

TEST(Attention, DoesNotReadWhatIsMasked) {
  NoiseSource noise({1});
  const auto q = noise.draw({2, 3, 4}), k = noise.draw({2, 5, 4}), v = noise.draw({2, 5, 4});
  const auto shown = at::tensor({1.0F, 1.0F, 0.0F, 1.0F, 0.0F}).unsqueeze(0);
  const auto mask = additive_mask(shown, at::kFloat).reshape({1, 1, 1, 5});
  const auto rows = at::tensor({0, 1, 3});
  const auto expected = attention(q, k.index_select(2, rows), v.index_select(2, rows));
  EXPECT_TRUE(close(attention(q, k, v, mask), expected, /*rtol=*/1e-5));
}

}  // namespace
}  // namespace unclip
