#pragma once

#include "vae/decoder.h"
#include "vae/encoder.h"

namespace unclip {

/// Images <-> latents of an eighth of their sides. With spatial norms it is MoVQ, whose codebook
/// is loaded and not used: latents are not quantised.
/// Zheng et al. 2022, https://arxiv.org/abs/2209.09002
class Autoencoder : public Module {
 public:
  explicit Autoencoder(const VaeConfig& c);

  const VaeConfig& config() const { return config_; }

  /// images (B, 3, H, W) in [-1, 1], H and W multiples of scale() -> (B, vq_embed_dim, h, w)
  at::Tensor encode(const at::Tensor& images) const;
  /// latents (B, vq_embed_dim, h, w) -> images (B, 3, H, W) in about [-1, 1]
  at::Tensor decode(const at::Tensor& latents) const;

 private:
  VaeConfig config_;
  VaeEncoder encoder;
  VaeDecoder decoder;
  Embedding codebook;
  Conv2d quant_conv, post_quant_conv;
};

}  // namespace unclip
