#pragma once

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "tests/kernels/emulated_grid.h"

// For the tests of CUDA's kernels on a CPU: what they compute and where they wait, not how fast.

namespace unclip::testing {

/// Of the largest expected: the sums' rounding in float, or that of the results in T.
template <class T>
inline constexpr double kTolerance = std::is_same_v<T, float>       ? 1e-5
                                     : std::is_same_v<T, c10::Half> ? 1e-3
                                                                    : 1e-2;
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr size_t kGuard = 16;  // numbers after a result, that are not to be written

template <class T>
std::vector<T> random(int64_t count, unsigned seed, float mean = 0) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(mean);
  std::vector<T> numbers(static_cast<size_t>(count));
  for (auto& x : numbers) x = static_cast<T>(normal(engine));
  return numbers;
}

template <class T>
std::vector<T> unwritten(int64_t count) {
  return std::vector<T>(static_cast<size_t>(count) + kGuard, static_cast<T>(kNan));
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// `actual` without its guard, which must be as `unwritten` left it.
template <class T>
void expect_close(const std::vector<T>& actual, const std::vector<double>& expected,
                  double tolerance) {
  ASSERT_EQ(actual.size(), expected.size() + kGuard);
  double largest = 0;
  for (const double e : expected) largest = std::max(largest, std::abs(e));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_LE(std::abs(static_cast<double>(actual[i]) - expected[i]), tolerance * largest)
        << "at " << i << ": " << static_cast<double>(actual[i]) << ", expected " << expected[i];
  }
  for (size_t i = expected.size(); i < actual.size(); ++i) {
    ASSERT_TRUE(std::isnan(static_cast<float>(actual[i]))) << "written " << i << ", past the end";
  }
}

/// What `make_result(order)` gives, which must not depend on the order.
template <class Make>
auto in_either_order(Make make_result) {
  const auto result = make_result(Order::kForward);
  EXPECT_TRUE(same_bits(result, make_result(Order::kBackward))) << "the order of threads matters";
  return result;
}

inline void run(const GridShape& shape, const EmulatedGrid::Kernel& kernel) {
  EmulatedGrid(shape, kernel).run();
}

}  // namespace unclip::testing
