#pragma once

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "train/batch.h"
#include "train/training_run.h"

namespace unclip::train {

/// The trained CLIP of the model folder, whose weights do not change.
class FrozenClip {
 public:
  explicit FrozenClip(const TrainOptions& options);

  int64_t tokens() const { return text_config_.max_position_embeddings; }
  const Tokenizer& tokenizer() const { return tokenizer_; }

  /// The texts' tokens, on the training device.
  TokenBatch tokenize(const std::vector<std::string>& texts) const;
  TextCondition encode_text(const TokenBatch& tokens);
  /// pictures (B, 3, H, W) in [0, 1], of the image encoder's size -> (B, D)
  at::Tensor encode_image(const at::Tensor& pictures);
  int64_t image_size() const { return vision_config_.image_size; }

 private:
  at::Device device_;
  ClipTextConfig text_config_;
  ClipVisionConfig vision_config_;
  Tokenizer tokenizer_;
  TextEncoder text_encoder_;
  ImageEncoder image_encoder_;
};

}  // namespace unclip::train
