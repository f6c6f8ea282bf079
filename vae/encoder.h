#pragma once

#include "vae/vae_blocks.h"

namespace unclip {

/// Residual blocks, each followed by attention if the level has it, then a halving of the image.
class VaeDownBlock : public Module {
 public:
  VaeDownBlock(Place place, const VaeConfig& c, size_t level);
  /// x (B, C_in, H, W) -> (B, C_out, H', W')
  at::Tensor operator()(at::Tensor x) const;

 private:
  ModuleList<VaeResnetBlock> resnets;
  ModuleList<VaeAttention> attentions;  // empty, or as many as resnets
  std::optional<Conv2d> downsampler;    // of all levels but the last
};

/// Images -> latents, before the autoencoder's last convolution.
class VaeEncoder : public Module {
 public:
  VaeEncoder(Place place, const VaeConfig& c);
  /// (B, C, H, W) -> (B, latent_channels, h, w)
  at::Tensor operator()(const at::Tensor& images) const;

 private:
  Conv2d conv_in;
  ModuleList<VaeDownBlock> down_blocks;
  VaeMidBlock mid_block;
  VaeNormalisation conv_norm_out;
  Conv2d conv_out;
};

}  // namespace unclip
