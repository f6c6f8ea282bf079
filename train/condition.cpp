#include "train/condition.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "base/config.h"

namespace unclip::train {

FrozenClip::FrozenClip(const TrainOptions& options)
    : device_(options.device),
      text_config_(ClipTextConfig::from(Config::read(options.model / "text_encoder/config.json"))),
      vision_config_(
          ClipVisionConfig::from(Config::read(options.model / "image_encoder/config.json"))),
      tokenizer_(Tokenizer::load(options.model / "tokenizer")),
      text_encoder_(text_config_),
      image_encoder_(vision_config_) {
  load_part(text_encoder_, "text_encoder", "model", options);
  load_part(image_encoder_, "image_encoder", "model", options);
}

TokenBatch FrozenClip::tokenize(const std::vector<std::string>& texts) const {
  const auto batch = train::tokenize(tokenizer_, texts, tokens());
  return {batch.ids.to(device_), batch.mask.to(device_)};
}

TextCondition FrozenClip::encode_text(const TokenBatch& tokens) {
  const at::NoGradGuard no_grad;
  return text_encoder_.forward(tokens.ids, tokens.mask);
}

at::Tensor FrozenClip::encode_image(const at::Tensor& pictures) {
  const at::NoGradGuard no_grad;
  return image_encoder_.forward(normalise_pixels(pictures));
}

}  // namespace unclip::train
