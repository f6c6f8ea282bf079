#pragma once

#include "clip/clip_layer.h"

namespace unclip {

/// What the other networks are told of a text.
struct TextCondition {
  at::Tensor text_embedding;  // (B, D)
  at::Tensor text_hidden;     // (B, T, D_hidden)
  at::Tensor mask;            // (B, T) float, 1 up to and including the final end token
};

/// token_ids (B, T) int64 -> (B, T, D_hidden)
class ClipTextEmbeddingsImpl : public torch::nn::Module {
 public:
  explicit ClipTextEmbeddingsImpl(const ClipTextConfig& c);
  at::Tensor forward(const at::Tensor& token_ids);

 private:
  Embedding token_embedding, position_embedding;
};
TORCH_MODULE(ClipTextEmbeddings);

/// token_ids (B, T) int64 -> (B, T, D_hidden), after the final layer norm
class ClipTextModelImpl : public torch::nn::Module {
 public:
  explicit ClipTextModelImpl(const ClipTextConfig& c);
  at::Tensor forward(const at::Tensor& token_ids);

 private:
  ClipTextEmbeddings embeddings;
  ClipStack encoder;
  LayerNorm final_layer_norm;
};
TORCH_MODULE(ClipTextModel);

/// CLIP's text tower with its projection into the space that it shares with pictures.
/// Radford et al. 2021, section 2.4, https://arxiv.org/abs/2103.00020
class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(const ClipTextConfig& c);

  /// token_ids (B, T) int64, T at most max_position_embeddings, mask (B, T) -> TextCondition.
  /// The mask is handed on: attention is causal, and reads padding like the reference does.
  /// text_embedding is not normalised; text_hidden comes after the final layer norm.
  TextCondition forward(const at::Tensor& token_ids, const at::Tensor& mask);

 private:
  /// The row that stands for the text: that of the end token. -> (B) int64
  at::Tensor end_positions(const at::Tensor& token_ids) const;

  ClipTextConfig config_;
  ClipTextModel text_model;
  Linear text_projection;
};
TORCH_MODULE(TextEncoder);

}  // namespace unclip
