#include "prior/prior_config.h"

#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace unclip {
namespace {

TEST(PriorConfig, RefusesWhatIsNotImplementedAndNamesTheKey) {
  testing::expect_refused<PriorConfig>("tests/golden/karlo/prior.config.json",
                                       {{"added_emb_type", "none"},
                                        {"additional_embeddings", 3},
                                        {"attention_head_dim", 0},
                                        {"clip_embed_dim", 512},
                                        {"embedding_dim", -1},
                                        {"embedding_proj_dim", 512},
                                        {"embedding_proj_norm_type", "layer"},
                                        {"encoder_hid_proj_type", "none"},
                                        {"norm_in_type", "layer"},
                                        {"num_attention_heads", "32"},
                                        {"num_embeddings", 0},
                                        {"num_layers", -1},
                                        {"time_embed_act_fn", "gelu"}});
}

}  // namespace
}  // namespace unclip
