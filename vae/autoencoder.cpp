#include "vae/autoencoder.h"

namespace unclip {

Autoencoder::Autoencoder(const VaeConfig& c)
    : config_(c),
      encoder({this, "encoder"}, c),
      decoder({this, "decoder"}, c),
      codebook({this, "quantize.embedding"}, c.num_vq_embeddings, c.vq_embed_dim),
      quant_conv({this, "quant_conv"}, conv1x1(c.latent_channels, c.vq_embed_dim)),
      post_quant_conv({this, "post_quant_conv"}, conv1x1(c.vq_embed_dim, c.latent_channels)) {}

at::Tensor Autoencoder::encode(const at::Tensor& images) const {
  return quant_conv(encoder(images));
}

at::Tensor Autoencoder::decode(const at::Tensor& latents) const {
  return decoder(post_quant_conv(latents), latents);
}

}  // namespace unclip
