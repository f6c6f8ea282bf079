#include "embedding/spherical.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

double angle(const at::Tensor& a, const at::Tensor& b) {
  return std::acos(
      at::cosine_similarity(a.to(at::kDouble).flatten(), b.to(at::kDouble).flatten(), 0)
          .item<double>());
}

TEST(Slerp, GoesThroughAQuarterCircle) {
  const auto a = at::tensor({2.F, 0.F, 0.F}), b = at::tensor({0.F, 0.F, 4.F});
  EXPECT_TRUE(close(slerp(a, b, 0), a, /*rtol=*/1e-6));
  EXPECT_TRUE(close(slerp(a, b, 1), b, /*rtol=*/1e-6));
  const auto s = static_cast<float>(std::sqrt(3.0) / 2);
  EXPECT_TRUE(close(slerp(a, b, 1.0 / 3) * (3.F / 8), at::tensor({s, 0.F, 0.5F}), /*rtol=*/1e-6));
}

TEST(Slerp, DividesTheAngleOfAnyShapes) {
  const auto a = at::randn({3, 4, 5}), b = at::randn({3, 4, 5});
  EXPECT_NEAR(angle(a, slerp(a, b, 0.3)), 0.3 * angle(a, b), 1e-5);
  EXPECT_NEAR(angle(b, slerp(a, b, 0.3)), 0.7 * angle(a, b), 1e-5);
}

TEST(Slerp, StaysWhereBothAreTheSame) {
  const auto a = at::randn({8});
  EXPECT_TRUE(close(slerp(a, a, 0.5), a, /*rtol=*/1e-6));
}

TEST(SphericalMean, IsSlerpForTwo) {
  const auto points = at::randn({2, 16});
  EXPECT_TRUE(close(spherical_mean(points, {7, 3}), slerp(points[0], points[1], 0.3),
                    /*rtol=*/1e-5));
}

TEST(SphericalMean, DoesNotCareForOrderAndIgnoresWhatWeighsNothing) {
  const auto points = at::randn({3, 2, 8});
  const auto mean = spherical_mean(points, {1, 2, 3});
  EXPECT_TRUE(close(spherical_mean(points.flip(0), {3, 2, 1}), mean, /*rtol=*/1e-5));
  EXPECT_TRUE(close(spherical_mean(points, {0, 1, 0}), points[1], /*rtol=*/1e-5));
}

// At the least sum of squared angles its gradient is zero; a little to any side the sum is more.
TEST(SphericalMean, HasTheLeastSumOfSquaredAngles) {
  const auto points = at::randn({4, 6});
  const std::vector<double> weights = {1, 2, 3, 4};
  const auto sum = [&](const at::Tensor& q) {
    double total = 0;
    for (int64_t i = 0; i < 4; ++i) {
      total += weights[static_cast<size_t>(i)] * std::pow(angle(q, points[i]), 2);
    }
    return total;
  };
  const auto mean = spherical_mean(points, weights);
  for (int i = 0; i < 20; ++i) EXPECT_LT(sum(mean), sum(mean + 0.01 * at::randn({6})));
}

TEST(TextDiff, TurnsTowardsTheChangeAndKeepsTheLength) {
  const auto z = 3 * at::randn({16}), from = at::randn({16}), to = at::randn({16});
  EXPECT_TRUE(close(text_diff(z, from, to, 0), z, /*rtol=*/1e-5));
  const auto turned = text_diff(z, from, to, 0.4);
  EXPECT_NEAR(turned.norm().item<double>(), z.norm().item<double>(), 1e-4);
  EXPECT_NEAR(angle(turned, to - from), 0.6 * angle(z, to - from), 1e-5);
  EXPECT_NEAR(angle(text_diff(z, from, to, 1), to - from), 0, 1e-3);
}

}  // namespace
}  // namespace unclip
