#include "clip/image_encoder.h"

#include "kernels/tensor.h"

namespace unclip {

namespace {

int64_t count_tokens(const ClipVisionConfig& c) {
  const auto side = c.image_size / c.patch_size;
  return 1 + side * side;
}

}  // namespace

ClipVisionEmbeddings::ClipVisionEmbeddings(Place place, const ClipVisionConfig& c)
    : Module(std::move(place)),
      class_embedding(add_parameter("class_embedding", ops::empty({c.transformer.hidden_size}))),
      patch_embedding(
          {this, "patch_embedding"},
          unclip::patch_embedding(c.num_channels, c.transformer.hidden_size, c.patch_size)),
      position_embedding({this, "position_embedding"}, count_tokens(c), c.transformer.hidden_size) {
}

at::Tensor ClipVisionEmbeddings::operator()(const at::Tensor& pixels) const {
  const auto patches = patch_embedding(pixels).flatten(2).transpose(1, 2);  // (B, S, D)
  const auto first = class_embedding.expand({pixels.size(0), 1, -1});       // (B, 1, D)
  const auto x = ops::cat({first, patches}, 1);                             // (B, 1 + S, D)
  const auto positions = ops::arange(x.size(1), at::device(x.device()).dtype(at::kLong));
  return x + position_embedding(positions);
}

ClipVisionModel::ClipVisionModel(Place place, const ClipVisionConfig& c)
    : Module(std::move(place)),
      embeddings({this, "embeddings"}, c),
      // Every checkpoint spells it "layrnorm".
      pre_layernorm({this, "pre_layrnorm"}, c.transformer.hidden_size,
                    c.transformer.layer_norm_eps),
      encoder({this, "encoder"}, c.transformer),
      post_layernorm({this, "post_layernorm"}, c.transformer.hidden_size,
                     c.transformer.layer_norm_eps) {}

at::Tensor ClipVisionModel::operator()(const at::Tensor& pixels) const {
  const auto x = encoder(pre_layernorm(embeddings(pixels)), std::nullopt);  // (B, 1 + S, D)
  return post_layernorm(x.select(1, 0));
}

ImageEncoder::ImageEncoder(const ClipVisionConfig& c)
    : vision_model({this, "vision_model"}, c),
      visual_projection({this, "visual_projection"}, c.transformer.hidden_size, c.projection_dim,
                        Bias::kNo) {}

at::Tensor ImageEncoder::forward(const at::Tensor& pixels) const {
  return visual_projection(vision_model(pixels));
}

}  // namespace unclip
