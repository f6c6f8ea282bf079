#include "clip/clip_config.h"

#include "base/config.h"

namespace unclip {
namespace {

constexpr int64_t kMaxWidth = 1 << 16;
constexpr int64_t kMaxLayers = 1 << 10;

ClipTransformerConfig transformer_from(const Config& config, const ClipTransformerConfig& d) {
  ClipTransformerConfig c;
  c.hidden_size = config.integer("hidden_size", d.hidden_size, 1, kMaxWidth);
  c.intermediate_size = config.integer("intermediate_size", d.intermediate_size, 1, 8 * kMaxWidth);
  c.num_hidden_layers = config.integer("num_hidden_layers", d.num_hidden_layers, 0, kMaxLayers);
  c.num_attention_heads =
      config.integer("num_attention_heads", d.num_attention_heads, 1, c.hidden_size);
  if (c.hidden_size % c.num_attention_heads != 0) {
    config.fail_value("num_attention_heads",
                      "a divisor of hidden_size " + std::to_string(c.hidden_size));
  }
  c.layer_norm_eps = config.value_or<double>("layer_norm_eps", d.layer_norm_eps);
  c.hidden_act = config.choice<Activation>(
      "hidden_act", {{"quick_gelu", Activation::kQuickGelu}, {"gelu", Activation::kGelu}});
  return c;
}

}  // namespace

ClipTextConfig ClipTextConfig::from(const Config& config) {
  ClipTextConfig c;
  c.transformer = transformer_from(config, c.transformer);
  c.vocab_size = config.integer("vocab_size", c.vocab_size, 1, 1 << 24);
  c.max_position_embeddings =
      config.integer("max_position_embeddings", c.max_position_embeddings, 2, kMaxWidth);
  c.projection_dim = config.integer("projection_dim", c.projection_dim, 1, kMaxWidth);
  c.eos_token_id = config.value_or<int64_t>("eos_token_id", c.eos_token_id);
  return c;
}

ClipVisionConfig ClipVisionConfig::from(const Config& config) {
  ClipVisionConfig c;
  const ClipTransformerConfig published{.hidden_size = 768,
                                        .intermediate_size = 3072,
                                        .num_hidden_layers = 12,
                                        .num_attention_heads = 12};
  c.transformer = transformer_from(config, published);
  c.image_size = config.integer("image_size", c.image_size, 1, kMaxWidth);
  c.patch_size = config.integer("patch_size", c.patch_size, 1, c.image_size);
  c.num_channels = config.integer("num_channels", c.num_channels, 1, kMaxWidth);
  c.projection_dim = config.integer("projection_dim", c.projection_dim, 1, kMaxWidth);
  return c;
}

}  // namespace unclip
