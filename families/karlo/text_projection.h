#pragma once

#include "unet/attention_block.h"

namespace unclip::karlo {

/// text_proj/config.json; the fields bear the JSON's names.
struct TextProjectionConfig {
  int64_t clip_extra_context_tokens = 4;
  int64_t clip_embeddings_dim = 768;  // D of the CLIP embeddings
  int64_t time_embed_dim = 0;         // E of the decoder
  int64_t cross_attention_dim = 0;    // of the decoder's context

  static TextProjectionConfig from(const Config& config);
};

/// CLIP embeddings -> what the decoder is conditioned on.
/// Ramesh et al. 2022, section 2.1, https://arxiv.org/abs/2204.06125
class TextProjection : public Module {
 public:
  explicit TextProjection(const TextProjectionConfig& c);

  /// image_embedding (B, D), text_embedding (B, D), text_hidden (B, T, D), mask (B, T)
  /// -> context of extra tokens + T tokens. Rows of `without_image` (B) of 1 have the learned
  /// embedding that stands for no image instead of theirs.
  UNetContext forward(const at::Tensor& image_embedding, const at::Tensor& without_image,
                      const at::Tensor& text_embedding, const at::Tensor& text_hidden,
                      const at::Tensor& mask) const;

 private:
  TextProjectionConfig config_;
  at::Tensor learned_classifier_free_guidance_embeddings;  // (D)
  Linear embedding_proj;
  Linear clip_image_embeddings_project_to_time_embeddings;
  Linear clip_extra_context_tokens_proj;
  Linear encoder_hidden_states_proj;
  LayerNorm text_encoder_hidden_states_norm;
};

}  // namespace unclip::karlo
