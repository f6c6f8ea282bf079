#include "unet/resnet_block.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/noise_source.h"
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

/// With seeded weights.
struct SeededBlock : ResnetBlock {
  explicit SeededBlock(const ResnetBlockConfig& config) : ResnetBlock({}, config) {
    fill_seeded(*this, 1);
  }
};

void zero(const ResnetBlock& block, const std::string& child) {
  for (const auto* kind : {".weight", ".bias"}) block.parameter(child + kind).zero_();
}

at::Tensor at_time(const ResnetBlock& block, const at::Tensor& x, const at::Tensor& time) {
  return block(x, block.modulation(time));
}

bool has_shortcut(const ResnetBlock& block) {
  for (const auto& parameter : block.parameters()) {
    if (parameter.name == "conv_shortcut.weight") return true;
  }
  return false;
}

class EveryTimeScaleShift : public ::testing::TestWithParam<TimeScaleShift> {
 protected:
  NoiseSource noise{{1, 2}};
  at::Tensor x = noise.draw({8, 4, 6});
  at::Tensor time = noise.draw({5});
};

TEST_P(EveryTimeScaleShift, IsTheIdentityWhenItsLastConvolutionIsZero) {
  const SeededBlock block(block_config(GetParam()));
  EXPECT_FALSE(close(at_time(block, x, time), x, /*rtol=*/1e-2));
  zero(block, "conv2");
  EXPECT_TRUE(close(at_time(block, x, time), x, /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, AveragesOrRepeatsPixelsWhenItsLastConvolutionIsZero) {
  const SeededBlock down(block_config(GetParam(), Resample::kDown));
  zero(down, "conv2");
  const auto averages = x.reshape({2, 8, 2, 2, 3, 2}).mean({3, 5});
  EXPECT_TRUE(close(at_time(down, x, time), averages, /*rtol=*/1e-6));

  const SeededBlock up(block_config(GetParam(), Resample::kUp));
  zero(up, "conv2");
  const auto repeated = x.repeat_interleave(2, 2).repeat_interleave(2, 3);
  EXPECT_TRUE(close(at_time(up, x, time), repeated, /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, DependsOnTheTimestepOnlyThroughItsProjection) {
  const SeededBlock block(block_config(GetParam()));
  EXPECT_FALSE(close(at_time(block, x, time), at_time(block, x, time + 1), /*rtol=*/1e-2));
  zero(block, "time_emb_proj");
  EXPECT_TRUE(close(at_time(block, x, time), at_time(block, x, time + 1), /*rtol=*/0));
}

TEST_P(EveryTimeScaleShift, ProjectsItsInputOnlyWhereTheWidthsDiffer) {
  auto config = block_config(GetParam());
  EXPECT_FALSE(has_shortcut(ResnetBlock({}, config)));
  config.out_channels = 12;
  const SeededBlock wider(config);
  EXPECT_TRUE(has_shortcut(wider));
  EXPECT_EQ(at_time(wider, x, time).sizes(), (std::vector<int64_t>{2, 12, 4, 6}));
}

INSTANTIATE_TEST_SUITE_P(ResnetBlock, EveryTimeScaleShift,
                         ::testing::Values(TimeScaleShift::kDefault, TimeScaleShift::kScaleShift));

}  // namespace
}  // namespace unclip
