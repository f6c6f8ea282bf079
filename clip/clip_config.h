#pragma once

#include <cstdint>

#include "nn/layers.h"

namespace unclip {

class Config;

/// The configuration that the transformers of both encoders share; the fields bear the JSON's
/// names.
struct ClipTransformerConfig {
  int64_t hidden_size = 512;
  int64_t intermediate_size = 2048;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 8;
  double layer_norm_eps = 1e-5;
  Activation hidden_act = Activation::kQuickGelu;
};

/// text_encoder/config.json
struct ClipTextConfig {
  ClipTransformerConfig transformer;
  int64_t vocab_size = 49408;
  int64_t max_position_embeddings = 77;
  int64_t projection_dim = 512;
  int64_t eos_token_id = 49407;

  static ClipTextConfig from(const Config& config);
};

/// image_encoder/config.json
struct ClipVisionConfig {
  ClipTransformerConfig transformer;
  int64_t image_size = 224;
  int64_t patch_size = 32;
  int64_t num_channels = 3;
  int64_t projection_dim = 512;

  static ClipVisionConfig from(const Config& config);
};

}  // namespace unclip
