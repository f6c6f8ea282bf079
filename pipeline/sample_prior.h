#pragma once

#include "clip/text_encoder.h"
#include "pipeline/stage.h"
#include "prior/prior_transformer.h"

namespace unclip {

class Config;

/// The rows of a condition that guidance needs: all 2 B, or the last B, the conditional ones.
TextCondition guidance_rows(const TextCondition& text, double guidance_scale);

/// text: 2 B rows, [unconditional..., conditional...] -> image embedding (B, D) float32
at::Tensor sample_prior(PriorTransformer prior, const Config& scheduler, const TextCondition& text,
                        NoiseSource& noise, const StageOptions& options);

}  // namespace unclip
