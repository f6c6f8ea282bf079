#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

constexpr int64_t kSpatialGroups = 4;
constexpr double kSpatialEps = 1e-6;

struct SpatialCase {
  at::ScalarType type;
  int64_t batch, channels, rows, columns;     // of scale and shift
  int64_t rows_per_scale, columns_per_scale;  // of x, for each of theirs
  bool silu;
};

void PrintTo(const SpatialCase& c, std::ostream* out) {
  *out << c.type << " " << c.batch << "x" << c.channels << "x" << c.rows << "x" << c.columns
       << " times " << c.rows_per_scale << ", " << c.columns_per_scale << (c.silu ? " silu" : "");
}

struct SpatialOperands {
  explicit SpatialOperands(const SpatialCase& c)
      : x(op::random(
            {c.batch, c.channels, c.rows * c.rows_per_scale, c.columns * c.columns_per_scale},
            c.type, 1)),
        weight(op::random({c.channels}, c.type, 2)),
        bias(op::random({c.channels}, c.type, 3)),
        scale(op::random({c.batch, c.channels, c.rows, c.columns}, c.type, 4)),
        shift(op::random({c.batch, c.channels, c.rows, c.columns}, c.type, 5)) {}
  at::Tensor x, weight, bias, scale, shift;
};

at::Tensor spatial_norm_of(const SpatialOperands& o, bool silu) {
  return op::spatial_norm(o.x, kSpatialGroups, o.weight, o.bias, kSpatialEps, o.scale, o.shift,
                          silu);
}

/// In double, with scale and shift enlarged to the size of x.
at::Tensor spatial_norm_by_definition(const SpatialOperands& o, bool silu) {
  const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
  const auto enlarged = [&](const at::Tensor& t) {
    return at::upsample_nearest2d(wide(t), o.x.sizes().slice(2));
  };
  const auto h =
      at::group_norm(wide(o.x), kSpatialGroups, wide(o.weight), wide(o.bias), kSpatialEps);
  const auto y = h * enlarged(o.scale) + enlarged(o.shift);
  return silu ? at::silu(y) : y;
}

class EverySpatialNorm : public ::testing::TestWithParam<SpatialCase> {};

TEST_P(EverySpatialNorm, AgreesWithItsDefinition) {
  const at::NoGradGuard no_grad;
  const auto& c = GetParam();
  SpatialOperands o(c);
  const auto expected = spatial_norm_by_definition(o, c.silu);
  const auto y = spatial_norm_of(o, c.silu);
  EXPECT_EQ(y.scalar_type(), c.type);
  EXPECT_TRUE(close(y, expected, op::rounding(c.type, 3e-6)));
  o.x = o.x.contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(close(spatial_norm_of(o, c.silu), expected, op::rounding(c.type, 3e-6)));
}

// Channels that fill vectors and that do not; scales of one pixel, of few and of many.
INSTANTIATE_TEST_SUITE_P(, EverySpatialNorm,
                         ::testing::Values(SpatialCase{at::kFloat, 1, 64, 8, 8, 1, 1, true},
                                           SpatialCase{at::kFloat, 2, 32, 3, 5, 4, 4, true},
                                           SpatialCase{at::kFloat, 2, 20, 3, 2, 2, 8, false},
                                           SpatialCase{at::kFloat, 1, 4, 1, 1, 9, 7, true},
                                           SpatialCase{at::kBFloat16, 2, 64, 4, 3, 8, 8, true},
                                           SpatialCase{at::kBFloat16, 1, 20, 5, 3, 1, 2, false},
                                           SpatialCase{at::kHalf, 2, 64, 4, 3, 8, 8, true},
                                           SpatialCase{at::kHalf, 1, 20, 5, 3, 2, 1, false}));

TEST(SpatialNorm, GivesTheSameOnOneThreadAndOnTwo) {
  const at::NoGradGuard no_grad;
  const int before = at::get_num_threads();
  const SpatialOperands o({at::kFloat, 2, 64, 12, 12, 4, 4, true});
  at::set_num_threads(1);
  const auto one = spatial_norm_of(o, true);
  at::set_num_threads(2);
  const auto two = spatial_norm_of(o, true);
  at::set_num_threads(before);
  EXPECT_TRUE(close(two, one, /*rtol=*/0));
}

TEST(SpatialNorm, HasAGradientWhereOneIsWanted) {
  SpatialOperands o({at::kFloat, 1, 32, 4, 4, 2, 2, true});
  o.x.requires_grad_();
  o.scale.requires_grad_();
  // Weights of the sum, without which a normalised x has none.
  const auto w = op::random(o.x.sizes(), at::kFloat, 6);
  (w * spatial_norm_of(o, true)).sum().backward();
  const auto of_x = o.x.grad(), of_scale = o.scale.grad();
  o.x.mutable_grad() = at::Tensor();
  o.scale.mutable_grad() = at::Tensor();
  (w * spatial_norm_by_definition(o, true)).sum().backward();
  EXPECT_TRUE(close(of_x, o.x.grad(), /*rtol=*/1e-5));
  EXPECT_TRUE(close(of_scale, o.scale.grad(), /*rtol=*/1e-5));
}

TEST(SpatialNorm, RefusesASizeThatDoesNotDivide) {
  const at::NoGradGuard no_grad;
  SpatialOperands o({at::kFloat, 1, 32, 4, 4, 2, 2, true});
  o.scale = o.scale.narrow(2, 0, 3);
  o.shift = o.shift.narrow(2, 0, 3);
  EXPECT_THROW(spatial_norm_of(o, true), c10::Error);
}

}  // namespace
}  // namespace unclip::testing
