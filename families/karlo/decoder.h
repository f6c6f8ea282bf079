#pragma once

#include "clip/text_encoder.h"
#include "families/karlo/text_projection.h"
#include "pipeline/replay.h"
#include "pipeline/run.h"
#include "unet/unet.h"

namespace unclip::karlo {

struct DecoderNetworks {
  std::shared_ptr<UNet> unet;
  std::shared_ptr<TextProjection> text_proj;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();  // of unet
};

/// text: 2 B rows, [unconditional..., conditional...], image_embedding (B, D), x_T (B, C, h, w)
/// -> small image (B, 3, h, w) in [-1, 1], float32; h and w are the network's sample_size
at::Tensor sample_decoder(const DecoderNetworks& networks, const TextCondition& text,
                          const at::Tensor& image_embedding, const at::Tensor& x_T,
                          NoiseSource& noise, const StageRun& run);

/// The other direction: small image (B, 3, h, w) in [-1, 1] -> x_T (B, 3, h, w) float32.
/// run.walk samples towards noise. Ramesh et al. 2022, section 3, https://arxiv.org/abs/2204.06125
at::Tensor invert_decoder(const DecoderNetworks& networks, const TextCondition& text,
                          const at::Tensor& image_embedding, const at::Tensor& small,
                          const StageRun& run);

}  // namespace unclip::karlo
