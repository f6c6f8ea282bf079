#include "train/initialize.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "unet/resnet_block.h"

namespace unclip::train {
namespace {

ResnetBlock block() {
  return ResnetBlock(ResnetBlockConfig{.in_channels = 32,
                                       .out_channels = 64,
                                       .time_channels = 16,
                                       .norm_groups = 8,
                                       .norm_eps = 1e-5,
                                       .time_scale_shift = TimeScaleShift::kDefault});
}

TEST(Initialize, GivesMatricesTheVarianceOfOneOverFanInAndNormsTheIdentity) {
  auto module = block();
  initialize(*module, 1);
  auto parameters = module->named_parameters();
  EXPECT_NEAR(parameters["conv1.weight"].std().item<double>(), 1 / std::sqrt(32 * 9.0), 0.002);
  EXPECT_NEAR(parameters["conv2.weight"].std().item<double>(), 0.1 / std::sqrt(64 * 9.0), 0.0002);
  EXPECT_TRUE(parameters["norm1.weight"].eq(1).all().item<bool>());
  EXPECT_TRUE(parameters["norm1.bias"].eq(0).all().item<bool>());
  EXPECT_TRUE(parameters["conv1.bias"].eq(0).all().item<bool>());
}

TEST(Initialize, IsTheSameForTheSameSeedAndAnotherForAnother) {
  auto a = block(), b = block(), c = block();
  initialize(*a, 7);
  initialize(*b, 7);
  initialize(*c, 8);
  const auto weight = [](ResnetBlock& m) { return m->named_parameters()["conv1.weight"]; };
  EXPECT_TRUE(at::equal(weight(a), weight(b)));
  EXPECT_FALSE(at::equal(weight(a), weight(c)));
}

}  // namespace
}  // namespace unclip::train
