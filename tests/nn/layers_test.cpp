#include "core/layers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/noise_source.h"
#include "tests/support/close.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::fill_seeded;

at::Tensor parameter(const torch::nn::Module& module, const std::string& name) {
  return module.named_parameters()[name].detach();
}

TEST(Linear, IsItsFormula) {
  auto layer = linear(3, 2);
  fill_seeded(*layer, 1);
  const auto x = NoiseSource({1}).draw({4, 3});
  const auto y = at::matmul(x, parameter(*layer, "weight").t()) + parameter(*layer, "bias");
  EXPECT_TRUE(close(layer(x), y, /*rtol=*/1e-6));

  auto unbiased = linear_without_bias(3, 2);
  EXPECT_EQ(unbiased->parameters().size(), 1U);
  fill_seeded(*unbiased, 1);
  EXPECT_TRUE(close(unbiased(x), y - parameter(*layer, "bias"), /*rtol=*/1e-5));
}

TEST(Conv3x3, SumsAPixelsNeighboursAndSeesZerosBeyondTheBorder) {
  auto layer = conv3x3(1, 1);
  const at::NoGradGuard no_grad;
  layer->named_parameters()["weight"].fill_(1);
  layer->named_parameters()["bias"].fill_(0.5);
  const auto neighbours = at::tensor({4.0F, 6.0F, 4.0F, 6.0F, 9.0F, 6.0F, 4.0F, 6.0F, 4.0F});
  EXPECT_TRUE(close(layer(at::ones({1, 1, 3, 3})), neighbours.reshape({1, 1, 3, 3}) + 0.5, 1e-6));
}

TEST(PatchEmbedding, ReadsEachPatchOnce) {
  auto layer = patch_embedding(1, 2, 2);
  fill_seeded(*layer, 1);
  EXPECT_EQ(layer->parameters().size(), 1U);
  const auto x = at::arange(16).to(at::kFloat).reshape({1, 1, 4, 4});
  const auto y = layer(x);
  ASSERT_EQ(y.sizes(), (std::vector<int64_t>{1, 2, 2, 2}));
  const auto patch = x.slice(2, 2, 4).slice(3, 0, 2).reshape({4});
  const auto kernel = parameter(*layer, "weight")[1].reshape({4});
  EXPECT_NEAR(y[0][1][1][0].item<double>(), (patch * kernel).sum().item<double>(), 1e-4);
}

TEST(LayerNorm, CentresAndScalesARow) {
  auto layer = layer_norm(6, 1e-3);
  fill_seeded(*layer, 1);
  const auto x = NoiseSource({2}).draw({5, 6}) * 3 + 1;
  const auto centred = x - x.mean(-1, true);
  const auto normal = centred / (centred.pow(2).mean(-1, true) + 1e-3).sqrt();
  const auto y = normal * parameter(*layer, "weight") + parameter(*layer, "bias");
  EXPECT_TRUE(close(layer(x), y, /*rtol=*/1e-5));
}

TEST(GroupNorm, CentresAndScalesAGroupOfChannels) {
  auto layer = group_norm(2, 4, 1e-3);
  fill_seeded(*layer, 1);
  const auto x = NoiseSource({3, 4}).draw({4, 3, 2}) * 2 - 1;
  const auto grouped = x.reshape({2, 2, 12});
  const auto centred = grouped - grouped.mean(-1, true);
  const auto normal = (centred / (centred.pow(2).mean(-1, true) + 1e-3).sqrt()).reshape(x.sizes());
  const auto weight = parameter(*layer, "weight").reshape({1, 4, 1, 1});
  const auto bias = parameter(*layer, "bias").reshape({1, 4, 1, 1});
  EXPECT_TRUE(close(layer(x), normal * weight + bias, /*rtol=*/1e-5));
}

TEST(Activate, IsItsFormula) {
  const auto x = at::linspace(-4, 4, 17).to(at::kFloat);
  EXPECT_TRUE(close(activate(x, Activation::kQuickGelu), x * at::sigmoid(1.702 * x), 1e-6));
  const auto gelu = x * 0.5 * (1 + at::erf(x / std::sqrt(2.0)));
  EXPECT_TRUE(close(activate(x, Activation::kGelu), gelu, /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip
