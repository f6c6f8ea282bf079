#pragma once

#include "clip/clip_layer.h"

namespace unclip {

/// pixels (B, C, H, W) -> (B, 1 + S, D_hidden), the class token first
class ClipVisionEmbeddings : public Module {
 public:
  ClipVisionEmbeddings(Place place, const ClipVisionConfig& c);
  at::Tensor operator()(const at::Tensor& pixels) const;

 private:
  at::Tensor class_embedding;  // (D_hidden)
  Conv2d patch_embedding;
  Embedding position_embedding;
};

/// pixels (B, C, H, W) -> the class token after the last layer (B, D_hidden)
class ClipVisionModel : public Module {
 public:
  ClipVisionModel(Place place, const ClipVisionConfig& c);
  at::Tensor operator()(const at::Tensor& pixels) const;

 private:
  ClipVisionEmbeddings embeddings;
  LayerNorm pre_layernorm;
  ClipStack encoder;
  LayerNorm post_layernorm;
};

/// CLIP's image encoder, a vision transformer, with its projection.
/// Dosovitskiy et al. 2020, section 3.1, https://arxiv.org/abs/2010.11929
class ImageEncoder : public Module {
 public:
  explicit ImageEncoder(const ClipVisionConfig& c);

  /// pixels (B, C, image_size, image_size), normalised -> image embedding (B, D), not normalised
  at::Tensor forward(const at::Tensor& pixels) const;

 private:
  ClipVisionModel vision_model;
  Linear visual_projection;
};

}  // namespace unclip
