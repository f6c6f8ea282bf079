#include "nn/layers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "nn/noise_source.h"
#include "nn/spatial_norm.h"
#include "tests/support/close.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::fill_seeded;

TEST(Linear, IsItsFormula) {
  Linear layer({}, 3, 2);
  fill_seeded(layer, 1);
  const auto x = NoiseSource({1}).draw({4, 3});
  const auto y = at::matmul(x, layer.parameter("weight").t()) + layer.parameter("bias");
  EXPECT_TRUE(close(layer(x), y, /*rtol=*/1e-6));

  Linear unbiased({}, 3, 2, Bias::kNo);
  EXPECT_EQ(unbiased.parameters().size(), 1U);
  fill_seeded(unbiased, 1);
  EXPECT_TRUE(close(unbiased(x), y - layer.parameter("bias"), /*rtol=*/1e-5));
}

TEST(Conv3x3, SumsAPixelsNeighboursAndSeesZerosBeyondTheBorder) {
  Conv2d layer({}, conv3x3(1, 1));
  layer.parameter("weight").fill_(1);
  layer.parameter("bias").fill_(0.5);
  const auto neighbours = at::tensor({4.0F, 6.0F, 4.0F, 6.0F, 9.0F, 6.0F, 4.0F, 6.0F, 4.0F});
  EXPECT_TRUE(close(layer(at::ones({1, 1, 3, 3})), neighbours.reshape({1, 1, 3, 3}) + 0.5, 1e-6));
}

TEST(HalvingConv3x3, SeesZerosOnTheRightAndBelowOnly) {
  Conv2d layer({}, halving_conv3x3(1, 1));
  layer.parameter("weight").fill_(1);
  layer.parameter("bias").fill_(0.5);
  const auto neighbours = at::tensor({9.0F, 6.0F, 6.0F, 4.0F}).reshape({1, 1, 2, 2});
  EXPECT_TRUE(close(layer(at::ones({1, 1, 4, 4})), neighbours + 0.5, /*rtol=*/1e-6));
  EXPECT_TRUE(close(layer(at::ones({1, 1, 4, 4}), neighbours), 2 * neighbours + 0.5, 1e-6));
}

TEST(PatchEmbedding, ReadsEachPatchOnce) {
  Conv2d layer({}, patch_embedding(1, 2, 2));
  fill_seeded(layer, 1);
  EXPECT_EQ(layer.parameters().size(), 1U);
  const auto x = at::arange(16).to(at::kFloat).reshape({1, 1, 4, 4});
  const auto y = layer(x);
  ASSERT_EQ(y.sizes(), (std::vector<int64_t>{1, 2, 2, 2}));
  const auto patch = x.slice(2, 2, 4).slice(3, 0, 2).reshape({4});
  const auto kernel = layer.parameter("weight")[1].reshape({4});
  EXPECT_NEAR(y[0][1][1][0].item<double>(), (patch * kernel).sum().item<double>(), 1e-4);
}

TEST(LayerNorm, CentresAndScalesARow) {
  LayerNorm layer({}, 6, 1e-3);
  fill_seeded(layer, 1);
  const auto x = NoiseSource({2}).draw({5, 6}) * 3 + 1;
  const auto centred = x - x.mean(-1, true);
  const auto normal = centred / (centred.pow(2).mean(-1, true) + 1e-3).sqrt();
  const auto y = normal * layer.parameter("weight") + layer.parameter("bias");
  EXPECT_TRUE(close(layer(x), y, /*rtol=*/1e-5));
}

TEST(GroupNorm, CentresAndScalesAGroupOfChannels) {
  GroupNorm layer({}, 2, 4, 1e-3);
  fill_seeded(layer, 1);
  const auto x = NoiseSource({3, 4}).draw({4, 3, 2}) * 2 - 1;
  const auto grouped = x.reshape({2, 2, 12});
  const auto centred = grouped - grouped.mean(-1, true);
  const auto normal = (centred / (centred.pow(2).mean(-1, true) + 1e-3).sqrt()).reshape(x.sizes());
  const auto weight = layer.parameter("weight").reshape({1, 4, 1, 1});
  const auto bias = layer.parameter("bias").reshape({1, 4, 1, 1});
  EXPECT_TRUE(close(layer(x), normal * weight + bias, /*rtol=*/1e-5));
}

TEST(SpatialNorm, ScalesAndShiftsEachPixelAsItsLatentSays) {
  SpatialNorm layer({}, {.groups = 2, .channels = 4, .z_channels = 3, .eps = 1e-3});
  fill_seeded(layer, 1);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : layer.parameters()) names.push_back(name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"norm_layer.weight", "norm_layer.bias", "conv_y.weight",
                                      "conv_y.bias", "conv_b.weight", "conv_b.bias"}));

  const auto x = NoiseSource({1, 2}).draw({4, 6, 4}), z = NoiseSource({3, 4}).draw({3, 3, 2});
  const auto normal = at::group_norm(x, 2, layer.parameter("norm_layer.weight"),
                                     layer.parameter("norm_layer.bias"), 1e-3);
  const auto large = at::upsample_nearest2d(z, x.sizes().slice(2));  // before the convolutions
  const auto conv = [&](const std::string& name) {
    return at::conv2d(large, layer.parameter(name + ".weight"), layer.parameter(name + ".bias"));
  };
  const auto y = normal * conv("conv_y") + conv("conv_b");
  EXPECT_TRUE(close(layer(x, z), y, /*rtol=*/1e-5));
  EXPECT_TRUE(close(layer.then_silu(x, z), at::silu(y), /*rtol=*/1e-5));
}

TEST(Activate, IsItsFormula) {
  const auto x = at::linspace(-4, 4, 17).to(at::kFloat);
  EXPECT_TRUE(close(activate(x, Activation::kQuickGelu), x * at::sigmoid(1.702 * x), 1e-6));
  const auto gelu = x * 0.5 * (1 + at::erf(x / std::sqrt(2.0)));
  EXPECT_TRUE(close(activate(x, Activation::kGelu), gelu, /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip
