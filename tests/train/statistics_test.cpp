#include "train/statistics.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace unclip::train {
namespace {

TEST(FrechetDistance, IsZeroBetweenASetAndItself) {
  at::manual_seed(1);
  const auto x = at::randn({200, 5});
  EXPECT_NEAR(frechet_distance(x, x), 0, 1e-8);
}

TEST(FrechetDistance, IsTheSquaredShiftBetweenASetAndItselfMoved) {
  at::manual_seed(2);
  const auto x = at::randn({200, 4});
  EXPECT_NEAR(frechet_distance(x, x + at::tensor({1.0, 0.0, 2.0, 0.0})), 5, 1e-6);
}

TEST(FrechetDistance, OfScaledSetsIsTheSumOfSquaredDifferencesOfDeviations) {
  // Covariances S and 4 S commute: tr(S + 4 S - 2 (4 S S)^(1/2)) = tr(S).
  at::manual_seed(3);
  auto x = at::randn({300, 3});
  x = x - x.mean(0, true);
  EXPECT_NEAR(frechet_distance(x, 2 * x), at::cov(x.t()).trace().item<double>(), 1e-5);
}

}  // namespace
}  // namespace unclip::train
