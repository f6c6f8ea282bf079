#pragma once

#include "clip/text_encoder.h"
#include "pipeline/replay.h"
#include "pipeline/stage.h"
#include "unet/text_projection.h"
#include "unet/unet.h"

namespace unclip {

class Config;

struct DecoderNetworks {
  std::shared_ptr<UNet> unet;
  std::shared_ptr<TextProjection> text_proj;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();  // of unet
};

/// text: 2 B rows, [unconditional..., conditional...], image_embedding (B, D), x_T (B, C, h, w)
/// -> small image (B, 3, h, w) in [-1, 1], float32; h and w are the network's sample_size
at::Tensor sample_decoder(const DecoderNetworks& networks, const Config& scheduler,
                          const TextCondition& text, const at::Tensor& image_embedding,
                          const at::Tensor& x_T, NoiseSource& noise, const StageOptions& options);

/// The other way: small image (B, 3, h, w) in [-1, 1] -> x_T (B, 3, h, w) float32.
/// `options.walk` is an inverse one. Ramesh et al. 2022, section 3,
/// https://arxiv.org/abs/2204.06125
at::Tensor invert_decoder(const DecoderNetworks& networks, const Config& scheduler,
                          const TextCondition& text, const at::Tensor& image_embedding,
                          const at::Tensor& small, const StageOptions& options);

}  // namespace unclip
