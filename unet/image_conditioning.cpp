#include "unet/image_conditioning.h"

namespace unclip {

namespace {
constexpr double kConditioningEps = 1e-5;
}  // namespace

ImageTimeEmbedding::ImageTimeEmbedding(Place place, int64_t embedding, int64_t time)
    : Module(std::move(place)),
      image_proj({this, "image_proj"}, embedding, time),
      image_norm({this, "image_norm"}, time, kConditioningEps) {}

at::Tensor ImageTimeEmbedding::operator()(const at::Tensor& image_embedding) const {
  return image_norm(image_proj(image_embedding));
}

ImageTokens::ImageTokens(Place place, int64_t embedding, int64_t context)
    : Module(std::move(place)),
      image_embeds({this, "image_embeds"}, embedding, kTokens * context),
      norm({this, "norm"}, context, kConditioningEps) {}

at::Tensor ImageTokens::operator()(const at::Tensor& image_embedding) const {
  const auto tokens = image_embeds(image_embedding).unflatten(1, {kTokens, -1});
  return norm(tokens);  // (B, tokens, context)
}

}  // namespace unclip
