#pragma once

#include "clip/clip_layer.h"

namespace unclip {

/// A batch of texts, in the form on which the other networks are conditioned.
struct TextCondition {
  at::Tensor text_embedding;  // (B, D)
  at::Tensor text_hidden;     // (B, T, D_hidden)
  at::Tensor mask;            // (B, T) float, 1 up to and including the final end token
};

/// token_ids (B, T) int64 -> (B, T, D_hidden)
class ClipTextEmbeddings : public Module {
 public:
  ClipTextEmbeddings(Place place, const ClipTextConfig& c);
  at::Tensor operator()(const at::Tensor& token_ids) const;

 private:
  Embedding token_embedding, position_embedding;
};

/// token_ids (B, T) int64 -> (B, T, D_hidden), after the final layer norm
class ClipTextModel : public Module {
 public:
  ClipTextModel(Place place, const ClipTextConfig& c);
  at::Tensor operator()(const at::Tensor& token_ids) const;

 private:
  ClipTextEmbeddings embeddings;
  ClipStack encoder;
  LayerNorm final_layer_norm;
};

/// CLIP's text encoder, with its projection into the space that it shares with images.
/// Radford et al. 2021, section 2.4, https://arxiv.org/abs/2103.00020
class TextEncoder : public Module {
 public:
  explicit TextEncoder(const ClipTextConfig& c);

  /// token_ids (B, T) int64, T at most max_position_embeddings, mask (B, T) -> TextCondition.
  /// The mask is only copied to the result: attention is causal, and includes padding, as in the
  /// reference. text_embedding is not normalised; text_hidden comes after the final layer norm.
  TextCondition forward(const at::Tensor& token_ids, const at::Tensor& mask) const;

 private:
  /// Position of the end token, whose hidden state represents the text. -> (B) int64
  at::Tensor end_positions(const at::Tensor& token_ids) const;

  ClipTextConfig config_;
  ClipTextModel text_model;
  Linear text_projection;
};

}  // namespace unclip
