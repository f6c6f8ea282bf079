#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

struct Size {
  int64_t batch, in, out, height, width;
};

void PrintTo(const Size& s, std::ostream* out) {
  *out << s.batch << "x" << s.in << "->" << s.out << " at " << s.height << "x" << s.width;
}

struct Operands {
  at::Tensor x, weight, bias, residual;
};

Operands operands(const Size& s, at::ScalarType type) {
  return {.x = op::random({s.batch, s.in, s.height, s.width}, type, 1),
          .weight = op::random({s.out, s.in, 3, 3}, type, 2),
          .bias = op::random({s.out}, type, 3),
          .residual = op::random({s.batch, s.out, s.height, s.width}, type, 4)};
}

at::Tensor by_definition(const Operands& o) {
  const auto y =
      at::conv2d(o.x.to(at::kDouble), o.weight.to(at::kDouble), o.bias.to(at::kDouble), 1, 1);
  return y + o.residual.to(at::kDouble);
}

// Winograd's products are larger than the pixels that their sums leave, and are rounded as such:
// Lavin & Gray 2015, section 5.2. Held to a third of what is asked of it, 1e-4.
constexpr double kRounding = 3e-5;

class EveryConvolution : public ::testing::TestWithParam<Size> {};

TEST_P(EveryConvolution, AgreesWithItsDefinitionInFloat32) {
  const at::NoGradGuard no_grad;
  const auto o = operands(GetParam(), at::kFloat);
  EXPECT_TRUE(close(op::conv3x3(o.x, o.weight, o.bias, o.residual), by_definition(o), kRounding));
}

TEST_P(EveryConvolution, AgreesWithItsDefinitionInHalf) {
  const at::NoGradGuard no_grad;
  for (const auto type : {at::kBFloat16, at::kHalf}) {
    const auto o = operands(GetParam(), type);
    const auto y = op::conv3x3(o.x, o.weight, o.bias, o.residual);
    EXPECT_EQ(y.scalar_type(), type);
    EXPECT_TRUE(close(y, by_definition(o), op::rounding(type, kRounding))) << type;
  }
}

// Tiles of 4x4 that end within a picture and beyond it; channels that fill a chunk, half of one, or
// no vector; fewer tiles than threads, and more than a thread takes at once.
INSTANTIATE_TEST_SUITE_P(, EveryConvolution,
                         ::testing::Values(Size{1, 16, 16, 8, 8}, Size{2, 32, 48, 7, 9},
                                           Size{1, 64, 32, 1, 1}, Size{3, 48, 80, 5, 4},
                                           Size{1, 8, 24, 12, 12}, Size{2, 40, 40, 9, 9},
                                           Size{1, 104, 40, 32, 32}, Size{1, 44, 21, 8, 8},
                                           Size{1, 6, 32, 16, 16}, Size{2, 32, 3, 16, 16},
                                           Size{1, 256, 32, 33, 65}, Size{1, 512, 64, 16, 16},
                                           Size{2, 16, 16, 70, 130}));

TEST(Conv3x3, GivesTheSameOnOneThreadAndOnTwo) {
  const at::NoGradGuard no_grad;
  const int before = at::get_num_threads();
  for (const auto& size : {Size{1, 32, 96, 64, 64}, Size{1, 64, 96, 8, 8}}) {
    const auto o = operands(size, at::kFloat);
    at::set_num_threads(1);
    const auto one = op::conv3x3(o.x, o.weight, o.bias, o.residual);
    at::set_num_threads(2);
    const auto two = op::conv3x3(o.x, o.weight, o.bias, o.residual);
    EXPECT_TRUE(close(two, one, /*rtol=*/0));
  }
  at::set_num_threads(before);
}

TEST(Conv3x3, NeedsNeitherABiasNorAResidualNorChannelsLast) {
  const at::NoGradGuard no_grad;
  auto o = operands(Size{2, 32, 32, 16, 16}, at::kFloat);
  o.bias.zero_();
  o.residual.zero_();
  const auto last = o.x.contiguous(at::MemoryFormat::ChannelsLast);
  const auto y = op::conv3x3(last, o.weight, std::nullopt, std::nullopt);
  EXPECT_TRUE(close(y, by_definition(o), kRounding));
  EXPECT_TRUE(close(op::conv3x3(o.x, o.weight, std::nullopt, std::nullopt), y, /*rtol=*/0));
  EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(Conv2d, AgreesWithItsDefinition) {
  const at::NoGradGuard no_grad;
  for (const auto type : op::kTypes) {
    const auto x = op::random({2, 12, 9, 11}, type, 1),
               weight = op::random({20, 12, 3, 3}, type, 2);
    const auto bias = op::random({20}, type, 3);
    const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
    const auto y = op::conv2d(x, weight, bias, /*stride=*/2, /*padding=*/1);
    EXPECT_EQ(y.scalar_type(), type);
    EXPECT_TRUE(
        close(y, at::conv2d(wide(x), wide(weight), wide(bias), 2, 1), op::rounding(type, 2e-6)));
  }
}

TEST(Conv2d, PadsFurtherZerosOnTheRightAndBelow) {
  const at::NoGradGuard no_grad;
  struct Case {
    int64_t side, kernel, stride, padding, padding_after;
  };
  // The encoders' own, of even and of odd sides; and others.
  for (const auto& c : {Case{8, 3, 2, 0, 1}, Case{9, 3, 2, 0, 1}, Case{9, 3, 1, 1, 2},
                        Case{10, 4, 3, 1, 2}, Case{7, 2, 1, 0, 1}}) {
    for (const auto type : op::kTypes) {
      const auto x = op::random({2, 12, c.side, c.side + 2}, type, 1);
      const auto weight = op::random({20, 12, c.kernel, c.kernel}, type, 2);
      const auto bias = op::random({20}, type, 3);
      const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
      const auto after = c.padding + c.padding_after;
      const auto padded = at::constant_pad_nd(wide(x), {c.padding, after, c.padding, after});
      const auto expected = at::conv2d(padded, wide(weight), wide(bias), c.stride);
      for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
        const auto y =
            op::conv2d(x.contiguous(format), weight, bias, c.stride, c.padding, c.padding_after);
        EXPECT_EQ(y.scalar_type(), type);
        EXPECT_TRUE(close(y, expected, op::rounding(type, 2e-6)));
        EXPECT_TRUE(y.is_non_overlapping_and_dense());
      }
    }
  }
}

TEST(Conv2d, HasAGradientWhereOneIsWanted) {
  auto weight = op::random({4, 3, 3, 3}, at::kFloat, 1).requires_grad_();
  const auto x = op::random({1, 3, 8, 8}, at::kFloat, 2);
  op::conv2d(x, weight, std::nullopt, /*stride=*/2, /*padding=*/1).sum().backward();
  const auto gradient = weight.grad();
  weight.mutable_grad() = at::Tensor();
  at::conv2d(x, weight, {}, 2, 1).sum().backward();
  EXPECT_TRUE(close(gradient, weight.grad(), /*rtol=*/1e-6));
}

TEST(Conv3x3, HasAGradientWhereOneIsWanted) {
  auto o = operands(Size{1, 32, 32, 8, 8}, at::kFloat);
  o.weight.requires_grad_();
  op::conv3x3(o.x, o.weight, o.bias, o.residual).sum().backward();
  const auto gradient = o.weight.grad();
  o.weight.mutable_grad() = at::Tensor();
  at::conv2d(o.x, o.weight, o.bias, 1, 1).sum().backward();
  EXPECT_TRUE(close(gradient, o.weight.grad(), /*rtol=*/1e-6));
}

TEST(Conv3x3, RefusesAResidualOfAnotherShape) {
  const at::NoGradGuard no_grad;
  const auto o = operands(Size{1, 32, 32, 8, 8}, at::kFloat);
  EXPECT_THROW(op::conv3x3(o.x, o.weight, o.bias, o.residual.narrow(2, 0, 4)), c10::Error);
}

}  // namespace
}  // namespace unclip::testing
