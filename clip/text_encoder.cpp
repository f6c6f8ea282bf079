#include "clip/text_encoder.h"

#include <ATen/ATen.h>

#include <limits>

namespace unclip {

ClipTextEmbeddingsImpl::ClipTextEmbeddingsImpl(const ClipTextConfig& c)
    : token_embedding(
          register_module("token_embedding", embedding(c.vocab_size, c.transformer.hidden_size))),
      position_embedding(register_module(
          "position_embedding", embedding(c.max_position_embeddings, c.transformer.hidden_size))) {}

at::Tensor ClipTextEmbeddingsImpl::forward(const at::Tensor& token_ids) {
  const auto positions = at::arange(token_ids.size(1), token_ids.options());
  return token_embedding(token_ids) + position_embedding(positions);
}

ClipTextModelImpl::ClipTextModelImpl(const ClipTextConfig& c)
    : embeddings(register_module("embeddings", ClipTextEmbeddings(c))),
      encoder(register_module("encoder", ClipStack(c.transformer))),
      final_layer_norm(
          register_module("final_layer_norm",
                          layer_norm(c.transformer.hidden_size, c.transformer.layer_norm_eps))) {}

at::Tensor ClipTextModelImpl::forward(const at::Tensor& token_ids) {
  const auto x = embeddings(token_ids);
  // A token sees itself and those before it.
  const auto causal = at::full({x.size(1), x.size(1)}, -std::numeric_limits<float>::infinity(),
                               x.options())
                          .triu(1);  // (T, T)
  return final_layer_norm(encoder(x, causal));
}

TextEncoderImpl::TextEncoderImpl(const ClipTextConfig& c)
    : config_(c),
      text_model(register_module("text_model", ClipTextModel(c))),
      text_projection(register_module(
          "text_projection", linear_without_bias(c.transformer.hidden_size, c.projection_dim))) {}

TextCondition TextEncoderImpl::forward(const at::Tensor& token_ids, const at::Tensor& mask) {
  const auto text_hidden = text_model(token_ids);  // (B, T, D_hidden)

  const auto row = at::arange(token_ids.size(0), token_ids.options());
  const auto end_hidden = text_hidden.index({row, end_positions(token_ids)});  // (B, D_hidden)
  return {.text_embedding = text_projection(end_hidden),                       // (B, D)
          .text_hidden = text_hidden,
          .mask = mask};
}

at::Tensor TextEncoderImpl::end_positions(const at::Tensor& token_ids) const {
  // Old configs say 2 for the end token whatever the vocabulary; there the largest id marks it.
  constexpr int64_t kLegacyEndToken = 2;
  if (config_.eos_token_id == kLegacyEndToken) return token_ids.argmax(1);
  return token_ids.eq(config_.eos_token_id).to(at::kInt).argmax(1);  // the first such row, or 0
}

}  // namespace unclip
