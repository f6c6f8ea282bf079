#pragma once

#include <cstdint>

namespace unclip {

class Config;

/// prior/config.json; the fields bear the JSON's names.
struct PriorConfig {
  int64_t num_attention_heads = 32;
  int64_t attention_head_dim = 64;
  int64_t num_layers = 20;
  int64_t embedding_dim = 768;        // D of the CLIP embeddings
  int64_t num_embeddings = 77;        // tokens of text
  int64_t additional_embeddings = 4;  // text embedding, time, x_t and the token for the prediction
  int64_t time_embed_dim = 0;         // if absent, the inner width

  int64_t inner_width() const { return num_attention_heads * attention_head_dim; }
  int64_t tokens() const { return num_embeddings + additional_embeddings; }

  static PriorConfig from(const Config& config);
};

}  // namespace unclip
