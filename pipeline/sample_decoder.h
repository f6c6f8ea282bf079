#pragma once

#include "clip/text_encoder.h"
#include "pipeline/stage.h"
#include "unet/text_projection.h"
#include "unet/unet.h"

namespace unclip {

class Config;

/// text: 2 B rows, [unconditional..., conditional...], image_embedding (B, D)
/// -> small image (B, 3, sample_size, sample_size) in [-1, 1], float32
at::Tensor sample_decoder(UNet decoder, TextProjection text_proj, const Config& scheduler,
                          const TextCondition& text, const at::Tensor& image_embedding,
                          NoiseSource& noise, const StageOptions& options);

}  // namespace unclip
