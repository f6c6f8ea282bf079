#include "unet/resnet_block.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/noise_source.h"
#include "tests/support/close.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::fill_seeded;

ResnetBlockConfig block_config(TimeScaleShift time_scale_shift,
                               Resample resample = Resample::kNone) {
  return {.in_channels = 8,
          .out_channels = 8,
          .time_channels = 5,
          .norm_groups = 4,
          .norm_eps = 1e-5,
          .time_scale_shift = time_scale_shift,
          .resample = resample};
}

ResnetBlock seeded(const ResnetBlockConfig& config) {
  ResnetBlock block(config);
  fill_seeded(*block, 1);
  return block;
}

void zero(ResnetBlock& block, const std::string& child) {
  const at::NoGradGuard no_grad;
  for (const auto* kind : {".weight", ".bias"}) block->named_parameters()[child + kind].zero_();
}

at::Tensor at_time(ResnetBlock& block, const at::Tensor& x, const at::Tensor& time) {
  return block(x, block->modulation(time));
}

class EveryTimeScaleShift : public ::testing::TestWithParam<TimeScaleShift> {
 protected:
  NoiseSource noise{{1, 2}};
  at::Tensor x = noise.draw({8, 4, 6});
  at::Tensor time = noise.draw({5});
};

TEST_P(EveryTimeScaleShift, IsTheIdentityWhenItsLastConvolutionIsZero) {
  auto block = seeded(block_config(GetParam()));
  EXPECT_FALSE(close(at_time(block, x, time), x, /*rtol=*/1e-2));
  zero(block, "conv2");
  EXPECT_TRUE(close(at_time(block, x, time), x, /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, AveragesOrRepeatsPixelsWhenItsLastConvolutionIsZero) {
  auto down = seeded(block_config(GetParam(), Resample::kDown));
  zero(down, "conv2");
  const auto averages = x.reshape({2, 8, 2, 2, 3, 2}).mean({3, 5});
  EXPECT_TRUE(close(at_time(down, x, time), averages, /*rtol=*/1e-6));

  auto up = seeded(block_config(GetParam(), Resample::kUp));
  zero(up, "conv2");
  const auto repeated = x.repeat_interleave(2, 2).repeat_interleave(2, 3);
  EXPECT_TRUE(close(at_time(up, x, time), repeated, /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, DependsOnTheTimestepOnlyThroughItsProjection) {
  auto block = seeded(block_config(GetParam()));
  EXPECT_FALSE(close(at_time(block, x, time), at_time(block, x, time + 1), /*rtol=*/1e-2));
  zero(block, "time_emb_proj");
  EXPECT_TRUE(close(at_time(block, x, time), at_time(block, x, time + 1), /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, ProjectsItsInputOnlyWhereTheWidthsDiffer) {
  auto config = block_config(GetParam());
  EXPECT_FALSE(ResnetBlock(config)->named_children().contains("conv_shortcut"));
  config.out_channels = 12;
  auto wider = seeded(config);
  EXPECT_TRUE(wider->named_children().contains("conv_shortcut"));
  EXPECT_EQ(at_time(wider, x, time).sizes(), (std::vector<int64_t>{2, 12, 4, 6}));
}

INSTANTIATE_TEST_SUITE_P(ResnetBlock, EveryTimeScaleShift,
                         ::testing::Values(TimeScaleShift::kDefault, TimeScaleShift::kScaleShift));

}  // namespace
}  // namespace unclip
