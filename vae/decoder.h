#pragma once

#include "vae/vae_blocks.h"

namespace unclip {

/// Residual blocks, each followed by attention if the level has it, then a doubling of the image.
class VaeUpBlock : public Module {
 public:
  /// level: counted from the latent.
  VaeUpBlock(Place place, const VaeConfig& c, size_t level);
  /// x (B, C_in, H, W) -> (B, C_out, H', W')
  at::Tensor operator()(at::Tensor x, const at::Tensor& z) const;

 private:
  ModuleList<VaeResnetBlock> resnets;
  ModuleList<VaeAttention> attentions;  // empty, or as many as resnets
  std::optional<Conv2d> upsampler;      // of all levels but the last
};

/// Latents, after the autoencoder's first convolution -> images.
class VaeDecoder : public Module {
 public:
  VaeDecoder(Place place, const VaeConfig& c);
  /// x (B, latent_channels, h, w), z (B, vq_embed_dim, h, w), the latent before that convolution
  /// -> (B, C, H, W)
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& z) const;

 private:
  Conv2d conv_in;
  ModuleList<VaeUpBlock> up_blocks;
  VaeMidBlock mid_block;
  VaeNormalisation conv_norm_out;
  Conv2d conv_out;
};

}  // namespace unclip
