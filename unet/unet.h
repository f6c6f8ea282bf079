#pragma once

#include <optional>

#include "unet/image_conditioning.h"
#include "unet/mid_block.h"
#include "unet/up_block.h"

namespace unclip {

/// The U-Net that predicts a noisy image's noise, or the image itself. All networks of this kind
/// differ only in their configs.
/// Dhariwal & Nichol 2021, section 3, https://arxiv.org/abs/2105.05233
class UNet : public Module {
 public:
  explicit UNet(const UNetConfig& c);

  const UNetConfig& config() const { return config_; }

  /// The context of image embeddings (B, D), of a U-Net with Conditioning::kImage.
  UNetContext condition(const at::Tensor& image_embedding) const;
  /// Returns the context for a sampling run, with the tokens' keys and values, computed once.
  UNetContext prepare(UNetContext context) const;

  /// timesteps (B, S) -> the modulations of all blocks, concatenated: (S, B, W).
  at::Tensor encode_times(const at::Tensor& timesteps, const UNetContext& context) const;

  /// x (B, C_in, H, W), H and W multiples of 2^(levels - 1), time (B, W), one of encode_times()
  /// -> (B, C_out, H, W)
  at::Tensor step(const at::Tensor& x, const at::Tensor& time, const UNetContext& context) const;
  /// The same with timesteps (B) instead of their modulations.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& timesteps,
                     const UNetContext& context) const;

 private:
  UNetConfig config_;
  std::vector<ResnetBlock*> resnets_;  // all residual blocks, by their numbers
  std::vector<AttentionBlock*> attentions_;
  std::vector<int64_t> modulation_widths_;  // of resnets_
  Conv2d conv_in;
  TimestepEmbedding time_embedding;
  std::optional<ImageTimeEmbedding> add_embedding;  // with Conditioning::kImage, as the next one
  std::optional<ImageTokens> encoder_hid_proj;
  ModuleList<DownBlock> down_blocks;
  ModuleList<UpBlock> up_blocks;
  MidBlock mid_block;
  GroupNorm conv_norm_out;
  Conv2d conv_out;
};

}  // namespace unclip
