#pragma once

#include "families/shared/unet_run.h"
#include "nn/noise_source.h"
#include "pipeline/run.h"

namespace unclip::kandinsky22 {

/// What the latent's sampling run reads: z (B, D), and the negative embedding (B, D) that guides
/// it, undefined without guidance.
struct DecoderCondition {
  at::Tensor z, negative;
};

/// x_T (B, C, h, w) -> latent (B, C, h, w) float32. run.walk may also lead to noise.
at::Tensor sample_latent(const UNetNetwork& network, const DecoderCondition& condition,
                         const at::Tensor& x_T, NoiseSource& noise, const StageRun& run);

}  // namespace unclip::kandinsky22
