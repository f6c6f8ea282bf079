#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

at::Tensor widened(const at::Tensor& x) { return x.to(at::kDouble); }

TEST(Guide, MovesTheGuidedChannelsAndKeepsTheOthers) {
  const auto both = op::random({4, 6, 3, 5}, at::kFloat, 1);
  const auto u = widened(both).narrow(0, 0, 2), c = widened(both).narrow(0, 2, 2);
  const auto mixed = u.narrow(1, 0, 4) + 3.5 * (c - u).narrow(1, 0, 4);
  EXPECT_TRUE(close(op::guide(both, 4, 3.5), at::cat({mixed, c.narrow(1, 4, 2)}, 1),
                    /*rtol=*/1e-6));
  EXPECT_TRUE(close(op::guide(both, 6, 1), c, /*rtol=*/1e-6));
}

TEST(PredictX0, IsTheFormulaHeldInItsRange) {
  const auto prediction = op::random({2, 3, 4}, at::kFloat, 1);
  const auto x_t = op::random({2, 3, 4}, at::kFloat, 2);
  const auto expected = (0.9 * widened(x_t) - 0.7 * widened(prediction)) / 0.4;
  constexpr double kNoClip = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(close(op::predict_x0(prediction, x_t, 0.9, -0.7, 0.4, kNoClip), expected, 1e-6));
  EXPECT_TRUE(close(op::predict_x0(prediction, x_t, 0.9, -0.7, 0.4, 1), expected.clamp(-1, 1),
                    /*rtol=*/1e-6));
  EXPECT_TRUE(close(op::predict_x0(prediction, x_t, 0, 1, 1, kNoClip), prediction, /*rtol=*/0));
}

TEST(AncestralStep, AddsMeanAndNoise) {
  const auto x_0 = op::random({2, 3, 4}, at::kFloat, 1), x_t = op::random({2, 3, 4}, at::kFloat, 2);
  const auto noise = op::random({2, 3, 4}, at::kFloat, 3), f = op::random({2, 3, 4}, at::kFloat, 4);
  const auto mean = 0.3 * widened(x_0) + 0.6 * widened(x_t);
  const auto step = [&](const op::Maybe& drawn, const op::Maybe& learned) {
    return op::ancestral_step(x_0, x_t, drawn, learned, 0.3, 0.6, 0.2, -4, -1);
  };
  EXPECT_TRUE(close(step(std::nullopt, std::nullopt), mean, /*rtol=*/1e-6));
  EXPECT_TRUE(close(step(noise, std::nullopt), mean + 0.2 * widened(noise), /*rtol=*/1e-6));
  const auto part = (widened(f) + 1) / 2;
  const auto deviation = ((part * -1 + (1 - part) * -4) / 2).exp();
  EXPECT_TRUE(close(step(noise, f), mean + deviation * widened(noise), /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip::testing
