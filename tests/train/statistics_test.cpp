#include "train/statistics.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace unclip::train {
namespace {

TEST(WilsonInterval, HasTheTextbooksValues) {
  // 8 of 10: Brown, Cai & DasGupta 2001, by their formula (4).
  const auto [low, high] = wilson_interval({.yes = 8, .of = 10});
  EXPECT_NEAR(low, 0.4902, 1e-4);
  EXPECT_NEAR(high, 0.9433, 1e-4);
}

TEST(WilsonInterval, StaysInsideZeroAndOne) {
  EXPECT_EQ(wilson_interval({.yes = 0, .of = 20}).first, 0);
  EXPECT_EQ(wilson_interval({.yes = 20, .of = 20}).second, 1);
  EXPECT_LT(wilson_interval({.yes = 20, .of = 20}).first, 1);
  EXPECT_EQ(wilson_interval({}), std::make_pair(0.0, 1.0));
}

TEST(Median, IsTheMiddleOrTheMeanOfBoth) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 2}), 2);
  EXPECT_EQ(median({9, 1, 2, 4}), 3);
}

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
