#pragma once

#include "clip/clip_layer.h"

namespace unclip {

/// pixels (B, C, H, W) -> (B, 1 + S, D_hidden), the class token first
class ClipVisionEmbeddingsImpl : public torch::nn::Module {
 public:
  explicit ClipVisionEmbeddingsImpl(const ClipVisionConfig& c);
  at::Tensor forward(const at::Tensor& pixels);

 private:
  at::Tensor class_embedding;
  Conv2d patch_embedding;
  Embedding position_embedding;
};
TORCH_MODULE(ClipVisionEmbeddings);

/// pixels (B, C, H, W) -> the class token after the last layer (B, D_hidden)
class ClipVisionModelImpl : public torch::nn::Module {
 public:
  explicit ClipVisionModelImpl(const ClipVisionConfig& c);
  at::Tensor forward(const at::Tensor& pixels);

 private:
  ClipVisionEmbeddings embeddings;
  LayerNorm pre_layernorm;
  ClipStack encoder;
  LayerNorm post_layernorm;
};
TORCH_MODULE(ClipVisionModel);

/// CLIP's image tower, a vision transformer, with its projection.
/// Dosovitskiy et al. 2020, section 3.1, https://arxiv.org/abs/2010.11929
class ImageEncoderImpl : public torch::nn::Module {
 public:
  explicit ImageEncoderImpl(const ClipVisionConfig& c);

  /// pixels (B, C, image_size, image_size), normalised -> image embedding (B, D), not normalised
  at::Tensor forward(const at::Tensor& pixels);

 private:
  ClipVisionModel vision_model;
  Linear visual_projection;
};
TORCH_MODULE(ImageEncoder);

}  // namespace unclip
