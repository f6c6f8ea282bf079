#include "prior/prior_config.h"

#include "base/config.h"

namespace unclip {

PriorConfig PriorConfig::from(const Config& config) {
  constexpr int64_t kMost = 1 << 16;
  PriorConfig c;
  c.num_attention_heads = config.integer("num_attention_heads", c.num_attention_heads, 1, kMost);
  c.attention_head_dim = config.integer("attention_head_dim", c.attention_head_dim, 1, kMost);
  if (c.inner_width() % 2 != 0) {
    config.fail_value("attention_head_dim", "an even product with num_attention_heads");
  }
  c.num_layers = config.integer("num_layers", c.num_layers, 0, 1 << 10);
  c.embedding_dim = config.integer("embedding_dim", c.embedding_dim, 1, kMost);
  c.num_embeddings = config.integer("num_embeddings", c.num_embeddings, 1, kMost);
  c.additional_embeddings = config.integer("additional_embeddings", c.additional_embeddings, 4, 4);
  c.time_embed_dim = config.integer("time_embed_dim", c.inner_width(), 1, kMost);
  config.expect("time_embed_act_fn", "silu");
  config.expect("encoder_hid_proj_type", "linear");
  config.expect("added_emb_type", "prd");
  config.expect_absent("norm_in_type");
  config.expect_absent("embedding_proj_norm_type");
  config.expect<int64_t>("embedding_proj_dim", c.embedding_dim);
  config.expect<int64_t>("clip_embed_dim", c.embedding_dim);
  return c;
}

}  // namespace unclip
