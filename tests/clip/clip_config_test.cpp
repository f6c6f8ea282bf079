#include "clip/clip_config.h"

#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace unclip {
namespace {

using testing::expect_refused;

TEST(ClipTextConfig, RefusesWhatIsNotImplementedAndNamesTheKey) {
  expect_refused<ClipTextConfig>("tests/golden/karlo/text_encoder.config.json",
                                 {{"eos_token_id", "end"},
                                  {"hidden_act", "relu"},
                                  {"hidden_size", 0},
                                  {"intermediate_size", -1},
                                  {"layer_norm_eps", "small"},
                                  {"max_position_embeddings", 1},
                                  {"num_attention_heads", 7},
                                  {"num_hidden_layers", -1},
                                  {"projection_dim", 0},
                                  {"vocab_size", 0}});
}

TEST(ClipVisionConfig, RefusesWhatIsNotImplementedAndNamesTheKey) {
  expect_refused<ClipVisionConfig>("tests/golden/karlo/image_encoder.config.json",
                                   {{"hidden_act", "relu"},
                                    {"image_size", 0},
                                    {"num_attention_heads", 15},
                                    {"num_channels", 0},
                                    {"patch_size", 0},
                                    {"patch_size", 300},
                                    {"projection_dim", -768}});
}

// Old files leave out what has the default of their day; the two towers' differ.
TEST(ClipConfig, HasThePublishedDefaults) {
  const auto text = ClipTextConfig::from(Config::parse("{}", "config.json"));
  EXPECT_EQ(text.transformer.hidden_size, 512);
  EXPECT_EQ(text.transformer.num_attention_heads, 8);
  EXPECT_EQ(text.projection_dim, 512);
  EXPECT_EQ(text.eos_token_id, 49407);
  EXPECT_EQ(text.transformer.hidden_act, Activation::kQuickGelu);
  const auto vision = ClipVisionConfig::from(Config::parse("{}", "config.json"));
  EXPECT_EQ(vision.transformer.hidden_size, 768);
  EXPECT_EQ(vision.transformer.num_attention_heads, 12);
  EXPECT_EQ(vision.patch_size, 32);
  EXPECT_EQ(vision.projection_dim, 512);
}

}  // namespace
}  // namespace unclip
