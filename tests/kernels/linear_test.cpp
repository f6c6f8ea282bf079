#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

TEST(Linear, AgreesWithItsDefinitionForAnyNumberOfRows) {
  const at::NoGradGuard no_grad;
  for (const auto type : op::kTypes) {
    for (int64_t rows = 1; rows <= 10; ++rows) {
      // Neither width fills the vectors.
      const auto x = op::random({rows, 75}, type, 1), weight = op::random({37, 75}, type, 2);
      const auto bias = op::random({37}, type, 3);
      const auto expected =
          at::linear(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble));
      const auto y = op::linear(x, weight, bias);
      EXPECT_EQ(y.scalar_type(), type);
      EXPECT_TRUE(close(y, expected, op::rounding(type, 1e-6))) << rows << " rows";
    }
  }
}

TEST(Linear, AgreesWithItsDefinitionForManyRows) {
  const at::NoGradGuard no_grad;
  for (const auto type : op::kTypes) {
    // Widths that fill chunks and vectors, and that do not; rows beyond a block.
    for (const auto& [rows, in, out] :
         std::vector<std::array<int64_t, 3>>{{33, 64, 64}, {300, 75, 37}, {115, 16, 130}}) {
      const auto x = op::random({rows, in}, type, 1), weight = op::random({out, in}, type, 2);
      const auto bias = op::random({out}, type, 3);
      const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
      EXPECT_TRUE(close(op::linear(x, weight, bias), at::linear(wide(x), wide(weight), wide(bias)),
                        op::rounding(type, 1e-6)));
      EXPECT_TRUE(close(op::linear(x, weight, std::nullopt), at::linear(wide(x), wide(weight)),
                        op::rounding(type, 1e-6)));
    }
  }
}

TEST(Linear, AgreesWithItsDefinitionWhereTheMatrixIsLarge) {
  const at::NoGradGuard no_grad;
  for (const auto type : op::kTypes) {
    for (const int64_t rows : {3, 20, 50}) {  // each another kernel's, for one of the types
      const auto x = op::random({rows, 2050}, type, 1), weight = op::random({2100, 2050}, type, 2);
      const auto expected = at::linear(x.to(at::kDouble), weight.to(at::kDouble));
      EXPECT_TRUE(close(op::linear(x, weight, std::nullopt), expected, op::rounding(type, 2e-6)))
          << type << ", " << rows << " rows";
    }
  }
}

TEST(Linear, GivesTheSameOnOneThreadAndOnTwo) {
  const at::NoGradGuard no_grad;
  const int before = at::get_num_threads();
  const auto x = op::random({2, 2, 512}, at::kFloat, 1),
             weight = op::random({999, 512}, at::kFloat, 2);
  at::set_num_threads(1);
  const auto one = op::linear(x, weight, std::nullopt);
  at::set_num_threads(2);
  const auto two = op::linear(x, weight, std::nullopt);
  at::set_num_threads(before);
  EXPECT_EQ(one.sizes(), at::IntArrayRef({2, 2, 999}));
  EXPECT_TRUE(close(two, one, /*rtol=*/0));
}

TEST(Linear, TakesWeightsThatAreAView) {
  const at::NoGradGuard no_grad;
  const auto x = op::random({2, 64}, at::kFloat, 1), weight = op::random({64, 96}, at::kFloat, 2);
  EXPECT_TRUE(close(op::linear(x, weight.t(), std::nullopt), at::matmul(x, weight), /*rtol=*/1e-6));
}

TEST(Linear, RefusesARowOfAnotherLength) {
  const at::NoGradGuard no_grad;
  const auto weight = op::random({8, 16}, at::kFloat);
  EXPECT_THROW(op::linear(op::random({2, 24}, at::kFloat), weight, std::nullopt), c10::Error);
}

TEST(Linear, HasAGradientWhereOneIsWanted) {
  auto weight = op::random({8, 16}, at::kFloat, 1).requires_grad_();
  const auto x = op::random({2, 16}, at::kFloat, 2);
  op::linear(x, weight, std::nullopt).sum().backward();
  EXPECT_TRUE(close(weight.grad(), x.sum(0).expand({8, 16}), /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip::testing
