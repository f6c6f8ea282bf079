#pragma once

#include "nn/layers.h"

namespace unclip {

/// CLIP image embedding -> a vector that is added to the U-Net's time embedding.
/// Razzhigaev et al. 2023, section 3, https://arxiv.org/abs/2310.03502
class ImageTimeEmbedding : public Module {
 public:
  /// embedding: D. time: E of the time embedding.
  ImageTimeEmbedding(Place place, int64_t embedding, int64_t time);
  /// (B, D) -> (B, E)
  at::Tensor operator()(const at::Tensor& image_embedding) const;

 private:
  Linear image_proj;
  LayerNorm image_norm;
};

/// CLIP image embedding -> the tokens to which the U-Net's pixels attend.
class ImageTokens : public Module {
 public:
  static constexpr int64_t kTokens = 32;

  /// embedding: D. context: width of a token.
  ImageTokens(Place place, int64_t embedding, int64_t context);
  /// (B, D) -> (B, kTokens, context)
  at::Tensor operator()(const at::Tensor& image_embedding) const;

 private:
  Linear image_embeds;
  LayerNorm norm;
};

}  // namespace unclip
