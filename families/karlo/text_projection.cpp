#include "families/karlo/text_projection.h"

#include "base/config.h"
#include "kernels/tensor.h"

namespace unclip::karlo {

TextProjectionConfig TextProjectionConfig::from(const Config& config) {
  constexpr int64_t kMost = 1 << 16;
  TextProjectionConfig c;
  c.clip_extra_context_tokens =
      config.integer("clip_extra_context_tokens", c.clip_extra_context_tokens, 1, kMost);
  c.clip_embeddings_dim = config.integer("clip_embeddings_dim", c.clip_embeddings_dim, 1, kMost);
  config.require<int64_t>("time_embed_dim");
  config.require<int64_t>("cross_attention_dim");
  c.time_embed_dim = config.integer("time_embed_dim", 0, 1, 8 * kMost);
  c.cross_attention_dim = config.integer("cross_attention_dim", 0, 1, kMost);
  return c;
}

TextProjection::TextProjection(const TextProjectionConfig& c)
    : config_(c),
      learned_classifier_free_guidance_embeddings(add_parameter(
          "learned_classifier_free_guidance_embeddings", ops::empty({c.clip_embeddings_dim}))),
      embedding_proj({this, "embedding_proj"}, c.clip_embeddings_dim, c.time_embed_dim),
      clip_image_embeddings_project_to_time_embeddings(
          {this, "clip_image_embeddings_project_to_time_embeddings"}, c.clip_embeddings_dim,
          c.time_embed_dim),
      clip_extra_context_tokens_proj({this, "clip_extra_context_tokens_proj"},
                                     c.clip_embeddings_dim,
                                     c.clip_extra_context_tokens * c.cross_attention_dim),
      encoder_hidden_states_proj({this, "encoder_hidden_states_proj"}, c.clip_embeddings_dim,
                                 c.cross_attention_dim),
      text_encoder_hidden_states_norm({this, "text_encoder_hidden_states_norm"},
                                      c.cross_attention_dim, 1e-5) {}

UNetContext TextProjection::forward(const at::Tensor& image_embedding,
                                    const at::Tensor& without_image,
                                    const at::Tensor& text_embedding, const at::Tensor& text_hidden,
                                    const at::Tensor& mask) const {
  const auto z = learned_classifier_free_guidance_embeddings.where(
      without_image.to(at::kBool).unsqueeze(1), image_embedding);  // (B, D)
  const auto time_add =
      embedding_proj(text_embedding) + clip_image_embeddings_project_to_time_embeddings(z);

  // The projection lays the tokens out as (D', extra), not (extra, D').
  const auto extra = config_.clip_extra_context_tokens;
  const auto image_tokens = clip_extra_context_tokens_proj(z)
                                .reshape({-1, config_.cross_attention_dim, extra})
                                .transpose(1, 2);  // (B, extra, D')
  const auto text_tokens = text_encoder_hidden_states_norm(encoder_hidden_states_proj(text_hidden));
  return {.time_add = time_add,                                // (B, E)
          .tokens = ops::cat({image_tokens, text_tokens}, 1),  // (B, extra + T, D')
          .mask = ops::constant_pad_nd(mask, {extra, 0}, 1)};  // (B, extra + T)
}

}  // namespace unclip::karlo
