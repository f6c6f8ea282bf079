#pragma once

#include "clip/text_encoder.h"
#include "pipeline/replay.h"
#include "pipeline/run.h"
#include "prior/prior_transformer.h"

namespace unclip {

struct PriorNetworks {
  std::shared_ptr<PriorTransformer> prior;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();
};

/// A network as guidance evaluates it. text: 2 B rows, [unconditional..., conditional...]; `bound`
/// binds the network to some of them, all or the last B.
GuidedModel guided_model(const TextCondition& text, const Guidance& guidance,
                         const std::function<Denoiser(const TextCondition& rows)>& bound);

/// text: 2 B rows, [unconditional..., conditional...] -> image embedding (B, D) float32
at::Tensor sample_prior(const PriorNetworks& networks, const TextCondition& text,
                        NoiseSource& noise, const StageRun& run);

/// The same, and an embedding of each row's unconditional text, without guidance: (B, 2, D)
/// float32, the text's embedding and the unconditional one's. Each draw of noise is (2, D) for a
/// row.
at::Tensor sample_prior_of_both(const PriorNetworks& networks, const TextCondition& text,
                                NoiseSource& noise, const StageRun& run);

}  // namespace unclip
