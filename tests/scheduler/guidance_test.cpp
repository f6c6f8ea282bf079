#include "scheduler/guidance.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

// Predicts its rows' numbers: row r has r + 1 in every channel, twice as many channels as x.
at::Tensor row_numbers(const at::Tensor& x, int64_t channels) {
  const auto rows = at::arange(1, x.size(0) + 1).to(at::kFloat);
  return rows.reshape({-1, 1, 1, 1}).expand({-1, channels, x.size(2), x.size(3)});
}

TEST(Guided, MixesTheUnconditionalAndTheConditionalRows) {
  const auto model = [](const at::Tensor& x, int64_t) { return row_numbers(x, 3); };
  // Rows 1, 2 are unconditional, 3, 4 conditional: u + 4 (c - u) = 1 + 4 * 2, 2 + 4 * 2.
  const auto mixed = guided(model, 4)(at::zeros({2, 3, 1, 2}), 10);
  const auto expected = at::tensor({9.0F, 10.0F}).reshape({2, 1, 1, 1}).expand({2, 3, 1, 2});
  EXPECT_TRUE(close(mixed, expected, /*rtol=*/1e-6));
}

TEST(Guided, GivesBothRowsTheSameSampleAndTimestep) {
  const auto x_t = at::arange(12).to(at::kFloat).reshape({2, 3, 1, 2});
  const auto model = [&](const at::Tensor& x, double t) {
    EXPECT_EQ(t, 417);
    EXPECT_TRUE(close(x, at::cat({x_t, x_t}), /*rtol=*/0));
    return x;
  };
  EXPECT_TRUE(close(guided(model, 8)(x_t, 417), x_t, /*rtol=*/1e-6));
}

TEST(Guided, KeepsTheConditionalRowsVariance) {
  const auto model = [](const at::Tensor& x, int64_t) { return row_numbers(x, 6); };
  const auto mixed = guided(model, 4)(at::zeros({2, 3, 1, 2}), 10);
  ASSERT_EQ(mixed.size(1), 6);
  const auto variance = at::tensor({3.0F, 4.0F}).reshape({2, 1, 1, 1}).expand({2, 3, 1, 2});
  EXPECT_TRUE(close(mixed.narrow(1, 3, 3), variance, /*rtol=*/0));
  EXPECT_TRUE(close(mixed.narrow(1, 0, 3), variance + 6, /*rtol=*/1e-6));
}

TEST(Guided, RunsTheConditionalRowsAloneAtScaleOne) {
  const auto model = [](const at::Tensor& x, int64_t) {
    EXPECT_EQ(x.size(0), 2);
    return row_numbers(x, 3);
  };
  EXPECT_TRUE(close(guided(model, 1)(at::zeros({2, 3, 1, 1}), 0),
                    row_numbers(at::zeros({2, 3, 1, 1}), 3), /*rtol=*/0));
  EXPECT_FALSE(needs_unconditional(1));
  EXPECT_TRUE(needs_unconditional(0));
}

TEST(Guided, AtScaleZeroIsTheUnconditionalRow) {
  const auto model = [](const at::Tensor& x, int64_t) { return row_numbers(x, 3); };
  EXPECT_TRUE(close(guided(model, 0)(at::zeros({2, 3, 1, 1}), 0),
                    row_numbers(at::zeros({2, 3, 1, 1}), 3), /*rtol=*/0));
}

}  // namespace
}  // namespace unclip
