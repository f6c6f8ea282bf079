#include "unet/unet_config.h"

#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace unclip {
namespace {

using testing::expect_refused;

const std::string kKarlo = "tests/golden/karlo/";

TEST(UNetConfig, RefusesADecoderThatIsNotImplementedAndNamesTheKey) {
  expect_refused<UNetConfig>(
      kKarlo + "decoder.config.json",
      {{"_class_name", "UNet3DConditionModel"},
       {"act_fn", "gelu"},
       {"addition_embed_type", "text"},
       {"attention_head_dim", 48},
       {"attention_head_dim", 0},
       {"block_out_channels", nlohmann::json::array()},
       {"block_out_channels", {320, 640, 960, 1281}},
       {"block_out_channels", {320, 640}},
       {"center_input_sample", true},
       {"class_embed_type", "timestep"},
       {"conv_in_kernel", 5},
       {"cross_attention_norm", "layer_norm"},
       {"down_block_types", {"DownBlock2D", "DownBlock2D", "DownBlock2D", "DownBlock2D"}},
       {"dual_cross_attention", true},
       {"encoder_hid_dim", 8},
       {"in_channels", 0},
       {"layers_per_block", -1},
       {"layers_per_block", "3"},
       {"mid_block_type", "UNetMidBlock2D"},
       {"norm_num_groups", 7},
       {"only_cross_attention", true},
       {"resnet_skip_time_act", true},
       {"resnet_time_scale_shift", "ada_group"},
       {"sample_size", -64},
       {"time_embedding_type", "fourier"},
       {"time_embedding_act_fn", "silu"},
       {"up_block_types", {"UpBlock2D", "UpBlock2D", "UpBlock2D", "UpBlock2D"}},
       {"upcast_attention", true},
       {"use_linear_projection", true}});
}

TEST(UNetConfig, RefusesASuperResolutionThatIsNotImplementedAndNamesTheKey) {
  expect_refused<UNetConfig>(kKarlo + "super_res_first.config.json",
                             {{"add_attention", true},
                              {"add_attention", nullptr},  // absent means true
                              {"class_embed_type", "timestep"},
                              {"mid_block_scale_factor", 2},
                              {"num_class_embeds", 10},
                              {"time_embedding_type", "learned"},
                              {"up_block_types",
                               {"AttnUpBlock2D", "ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D",
                                "ResnetUpsampleBlock2D"}}});
}

}  // namespace
}  // namespace unclip
