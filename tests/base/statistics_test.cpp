#include "base/statistics.h"

#include <gtest/gtest.h>

namespace unclip {
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

}  // namespace
}  // namespace unclip
