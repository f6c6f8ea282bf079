#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

constexpr int64_t kGroups = 4;
constexpr double kEps = 1e-5;

struct NormCase {
  at::ScalarType type;
  int64_t batch, channels, height, width;
  bool modulated, silu;
};

void PrintTo(const NormCase& c, std::ostream* out) {
  *out << c.type << " " << c.batch << "x" << c.channels << "x" << c.height << "x" << c.width
       << (c.modulated ? " modulated" : "") << (c.silu ? " silu" : "");
}

class EveryGroupNorm : public ::testing::TestWithParam<NormCase> {};

TEST_P(EveryGroupNorm, AgreesWithItsDefinition) {
  const at::NoGradGuard no_grad;
  const auto& c = GetParam();
  const auto x = op::random({c.batch, c.channels, c.height, c.width}, c.type, 1);
  const auto weight = op::random({c.channels}, c.type, 2),
             bias = op::random({c.channels}, c.type, 3);
  op::Maybe modulation;
  if (c.modulated) modulation = op::random({c.batch, 2 * c.channels}, c.type, 4);
  const auto y = op::group_norm(x, kGroups, weight, bias, kEps, modulation, c.silu);

  const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
  const auto grouped = wide(x).reshape({c.batch, kGroups, -1});  // (B, G, C / G S)
  const auto mean = grouped.mean(2, true);
  const auto variance = (grouped - mean).square().mean(2, true);
  auto expected = ((grouped - mean) / (variance + kEps).sqrt()).reshape(x.sizes());
  const auto channel = [](const at::Tensor& t) { return t.unsqueeze(-1).unsqueeze(-1); };
  expected = expected * channel(wide(weight)) + channel(wide(bias));
  if (modulation) {
    const auto parts = wide(*modulation).chunk(2, 1);
    expected = expected * (1 + channel(parts[0])) + channel(parts[1]);
  }
  if (c.silu) expected = expected * at::sigmoid(expected);
  EXPECT_EQ(y.scalar_type(), c.type);
  EXPECT_TRUE(close(y, expected, op::rounding(c.type, 2e-6)));
}

// Channels that fill vectors and that do not; pictures of one part of the statistics and of many.
INSTANTIATE_TEST_SUITE_P(, EveryGroupNorm,
                         ::testing::Values(NormCase{at::kFloat, 1, 64, 8, 8, false, false},
                                           NormCase{at::kFloat, 2, 32, 31, 37, true, true},
                                           NormCase{at::kFloat, 1, 20, 5, 3, true, true},
                                           NormCase{at::kFloat, 2, 4, 40, 40, false, true},
                                           NormCase{at::kFloat, 1, 132, 2, 2, true, false},
                                           NormCase{at::kBFloat16, 2, 64, 33, 16, true, true},
                                           NormCase{at::kBFloat16, 1, 20, 5, 3, false, true},
                                           NormCase{at::kHalf, 2, 64, 33, 16, true, true},
                                           NormCase{at::kHalf, 1, 20, 5, 3, false, true}));

TEST(GroupNorm, KeepsItsDigitsFarFromZero) {
  const at::NoGradGuard no_grad;
  const auto small = op::random({1, 32, 64, 64}, at::kFloat, 1);
  const auto ones = at::ones({32}), zeros = at::zeros({32});
  const auto near = op::group_norm(small, kGroups, ones, zeros, 0, std::nullopt, false);
  // 2^10 is added without rounding much: float32 keeps 2^-13 of it. A variance taken as the
  // squares' mean less the mean's square would lose all but 4 bits.
  const auto far = op::group_norm(small + 1024, kGroups, ones, zeros, 0, std::nullopt, false);
  EXPECT_TRUE(close(far, near, /*rtol=*/1e-4));
}

TEST(GroupNorm, GivesTheSameOnOneThreadAndOnTwo) {
  const at::NoGradGuard no_grad;
  const int before = at::get_num_threads();
  const auto x = op::random({2, 64, 48, 48}, at::kFloat, 1);
  const auto weight = op::random({64}, at::kFloat, 2), bias = op::random({64}, at::kFloat, 3);
  at::set_num_threads(1);
  const auto one = op::group_norm(x, kGroups, weight, bias, kEps, std::nullopt, true);
  at::set_num_threads(2);
  const auto two = op::group_norm(x, kGroups, weight, bias, kEps, std::nullopt, true);
  at::set_num_threads(before);
  EXPECT_TRUE(close(two, one, /*rtol=*/0));
}

TEST(GroupNorm, PassesWhatIsNoNumberOn) {
  const at::NoGradGuard no_grad;
  auto x = op::random({1, 32, 8, 8}, at::kFloat, 1);
  x[0][0][0][0] = std::nan("");
  const auto y =
      op::group_norm(x, kGroups, at::ones({32}), at::zeros({32}), kEps, std::nullopt, true);
  EXPECT_TRUE(y.narrow(1, 0, 8).isnan().all().item<bool>());
  EXPECT_FALSE(y.narrow(1, 8, 24).isnan().any().item<bool>());
}

TEST(GroupNorm, SiluHoldsAtItsEnds) {
  const at::NoGradGuard no_grad;
  // One channel of a group is a line from -300 to 300, so scale and shift can lead it anywhere.
  const auto x = at::linspace(-1, 1, 32 * 64).reshape({1, 32, 8, 8}).contiguous();
  const auto y =
      op::group_norm(x, 1, at::full({32}, 200.0), at::zeros({32}), kEps, std::nullopt, true);
  const auto h = at::group_norm(x, 1, at::full({32}, 200.0), at::zeros({32}), kEps);
  EXPECT_TRUE(close(y, at::silu(h.to(at::kDouble)), /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip::testing
