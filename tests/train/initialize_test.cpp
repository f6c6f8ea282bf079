#include "train/initialize.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "unet/resnet_block.h"

namespace unclip::train {
namespace {

struct Block : ResnetBlock {
  Block()
      : ResnetBlock({}, ResnetBlockConfig{.in_channels = 32,
                                          .out_channels = 64,
                                          .time_channels = 16,
                                          .norm_groups = 8,
                                          .norm_eps = 1e-5,
                                          .time_scale_shift = TimeScaleShift::kDefault}) {}
};

TEST(Initialize, GivesMatricesTheVarianceOfOneOverFanInAndNormsTheIdentity) {
  Block module;
  initialize(module, 1);
  EXPECT_NEAR(module.parameter("conv1.weight").std().item<double>(), 1 / std::sqrt(32 * 9.0),
              0.002);
  EXPECT_NEAR(module.parameter("conv2.weight").std().item<double>(), 0.1 / std::sqrt(64 * 9.0),
              0.0002);
  EXPECT_TRUE(module.parameter("norm1.weight").eq(1).all().item<bool>());
  EXPECT_TRUE(module.parameter("norm1.bias").eq(0).all().item<bool>());
  EXPECT_TRUE(module.parameter("conv1.bias").eq(0).all().item<bool>());
}

TEST(Initialize, IsTheSameForTheSameSeedAndAnotherForAnother) {
  Block a, b, c;
  initialize(a, 7);
  initialize(b, 7);
  initialize(c, 8);
  const auto weight = [](const Block& m) { return m.parameter("conv1.weight"); };
  EXPECT_TRUE(at::equal(weight(a), weight(b)));
  EXPECT_FALSE(at::equal(weight(a), weight(c)));
}

}  // namespace
}  // namespace unclip::train
