#include "clip/image_encoder.h"

#include <ATen/ATen.h>

namespace unclip {

namespace {

int64_t tokens(const ClipVisionConfig& c) {
  const auto side = c.image_size / c.patch_size;
  return 1 + side * side;
}

LayerNorm norm(const ClipVisionConfig& c) {
  return layer_norm(c.transformer.hidden_size, c.transformer.layer_norm_eps);
}

}  // namespace

ClipVisionEmbeddingsImpl::ClipVisionEmbeddingsImpl(const ClipVisionConfig& c)
    : class_embedding(
          register_parameter("class_embedding", at::empty({c.transformer.hidden_size}))),
      patch_embedding(register_module(
          "patch_embedding",
          unclip::patch_embedding(c.num_channels, c.transformer.hidden_size, c.patch_size))),
      position_embedding(
          register_module("position_embedding", embedding(tokens(c), c.transformer.hidden_size))) {}

at::Tensor ClipVisionEmbeddingsImpl::forward(const at::Tensor& pixels) {
  const auto patches = patch_embedding(pixels).flatten(2).transpose(1, 2);  // (B, S, D)
  const auto first = class_embedding.expand({pixels.size(0), 1, -1});       // (B, 1, D)
  const auto x = at::cat({first, patches}, 1);                              // (B, 1 + S, D)
  const auto positions = at::arange(x.size(1), at::device(x.device()).dtype(at::kLong));
  return x + position_embedding(positions);
}

ClipVisionModelImpl::ClipVisionModelImpl(const ClipVisionConfig& c)
    : embeddings(register_module("embeddings", ClipVisionEmbeddings(c))),
      pre_layernorm(register_module("pre_layrnorm", norm(c))),  // spelt so in every checkpoint
      encoder(register_module("encoder", ClipStack(c.transformer))),
      post_layernorm(register_module("post_layernorm", norm(c))) {}

at::Tensor ClipVisionModelImpl::forward(const at::Tensor& pixels) {
  const auto x = encoder(pre_layernorm(embeddings(pixels)), std::nullopt);  // (B, 1 + S, D)
  return post_layernorm(x.select(1, 0));
}

ImageEncoderImpl::ImageEncoderImpl(const ClipVisionConfig& c)
    : vision_model(register_module("vision_model", ClipVisionModel(c))),
      visual_projection(register_module(
          "visual_projection", linear_without_bias(c.transformer.hidden_size, c.projection_dim))) {}

at::Tensor ImageEncoderImpl::forward(const at::Tensor& pixels) {
  return visual_projection(vision_model(pixels));
}

}  // namespace unclip
