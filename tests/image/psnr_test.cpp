#include "image/psnr.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unclip {
namespace {

TEST(Psnr, IsTwentyDecibelsForATenthEverywhere) {
  const auto x = at::full({3, 2, 2}, 0.4, at::kDouble);
  EXPECT_NEAR(psnr(x, x + 0.1), 20, 1e-9);
  EXPECT_NEAR(psnr(x + 0.01, x), 40, 1e-9);
  EXPECT_TRUE(std::isinf(psnr(x, x)));
  EXPECT_ANY_THROW(psnr(x, x[0]));
}

}  // namespace
}  // namespace unclip
