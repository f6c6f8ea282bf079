#include "clip/text_encoder.h"

#include <limits>

#include "kernels/tensor.h"

namespace unclip {

ClipTextEmbeddings::ClipTextEmbeddings(Place place, const ClipTextConfig& c)
    : Module(std::move(place)),
      token_embedding({this, "token_embedding"}, c.vocab_size, c.transformer.hidden_size),
      position_embedding({this, "position_embedding"}, c.max_position_embeddings,
                         c.transformer.hidden_size) {}

at::Tensor ClipTextEmbeddings::operator()(const at::Tensor& token_ids) const {
  const auto positions = ops::arange(token_ids.size(1), token_ids.options());
  return token_embedding(token_ids) + position_embedding(positions);
}

ClipTextModel::ClipTextModel(Place place, const ClipTextConfig& c)
    : Module(std::move(place)),
      embeddings({this, "embeddings"}, c),
      encoder({this, "encoder"}, c.transformer),
      final_layer_norm({this, "final_layer_norm"}, c.transformer.hidden_size,
                       c.transformer.layer_norm_eps) {}

at::Tensor ClipTextModel::operator()(const at::Tensor& token_ids) const {
  const auto x = embeddings(token_ids);
  // A token attends to itself and to those before it.
  const auto causal = ops::full({x.size(1), x.size(1)}, -std::numeric_limits<float>::infinity(),
                                x.options())
                          .triu(1);  // (T, T)
  return final_layer_norm(encoder(x, causal));
}

TextEncoder::TextEncoder(const ClipTextConfig& c)
    : config_(c),
      text_model({this, "text_model"}, c),
      text_projection({this, "text_projection"}, c.transformer.hidden_size, c.projection_dim,
                      Bias::kNo) {}

TextCondition TextEncoder::forward(const at::Tensor& token_ids, const at::Tensor& mask) const {
  const auto text_hidden = text_model(token_ids);  // (B, T, D_hidden)

  const auto row = ops::arange(token_ids.size(0), token_ids.options());
  const auto end_hidden =
      ops::index(text_hidden, {row, end_positions(token_ids)});  // (B, D_hidden)
  return {.text_embedding = text_projection(end_hidden),         // (B, D)
          .text_hidden = text_hidden,
          .mask = mask};
}

at::Tensor TextEncoder::end_positions(const at::Tensor& token_ids) const {
  // Old configs state 2 for the end token, whatever the vocabulary; then the token with the largest
  // id is the end token.
  constexpr int64_t kLegacyEndToken = 2;
  if (config_.eos_token_id == kLegacyEndToken) return token_ids.argmax(1);
  return token_ids.eq(config_.eos_token_id).to(at::kInt).argmax(1);  // the first one, or 0
}

}  // namespace unclip
