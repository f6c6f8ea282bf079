#include "vae/vae_config.h"

#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace unclip {
namespace {

const std::string kMovq = "tests/golden/kandinsky22/movq.config.json";

TEST(VaeConfig, ReadsKandinskysMovq) {
  const auto c = VaeConfig::from(Config::read(kMovq));
  EXPECT_EQ(c.scale(), 8);
  EXPECT_EQ(c.norm_type, VaeNorm::kSpatial);
  EXPECT_EQ(c.vq_embed_dim, 4);
  EXPECT_EQ(c.encoder_attends, (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(c.decoder_attends, (std::vector<bool>{true, false, false, false}));
}

TEST(VaeConfig, RefusesWhatIsNotImplementedAndNamesTheKey) {
  testing::expect_refused<VaeConfig>(
      kMovq,
      {{"_class_name", "AutoencoderTiny"},
       {"act_fn", "gelu"},
       {"block_out_channels", nlohmann::json::array()},
       {"block_out_channels", {128, 256, 256, 500}},
       {"block_out_channels", {64, 48, 64, 64}},  // no multiple of a spatial norm's groups
       {"down_block_types", {"DownEncoderBlock2D"}},
       {"down_block_types",
        {"DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "CrossAttnDownBlock2D"}},
       {"force_upcast", true},
       {"latent_channels", 0},
       {"layers_per_block", 0},
       {"lookup_from_codebook", true},
       {"norm_num_groups", 0},
       {"norm_type", "layer"},
       {"num_vq_embeddings", -1},
       {"up_block_types", {"UpDecoderBlock2D"}},
       {"vq_embed_dim", 1.5}});
}

}  // namespace
}  // namespace unclip
