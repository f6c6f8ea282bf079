#pragma once

#include <vector>

#include "nn/timestep_embedding.h"
#include "prior/prior_layer.h"

namespace unclip {

/// The part of the prior's computation that does not depend on the noisy embedding. No token
/// attends to those after it, so the text's keys and values are the same in all steps, and those of
/// a timestep depend only on the text.
struct PriorContext {
  std::vector<KeysValues> text;  // for each layer, (B, N, T + 1, K): hidden states, then embedding
  at::Tensor times;              // (S, L, 2, B, N, K): keys and values of each timestep and layer
  at::Tensor mask;               // (B, 1, 1, T + 1), added to the text's scores
  at::Tensor step_mask;          // (B, 1, 2, T + 4), added to those of x_t and the last token

  at::ScalarType scalar_type() const { return mask.scalar_type(); }
  /// All tensors that every step reads; `times` is not among them, because a step gets its own
  /// entry.
  std::vector<at::Tensor*> tensors();
};

/// The diffusion prior: a causal transformer that predicts an image's embedding from its text.
/// Ramesh et al. 2022, section 2.2, https://arxiv.org/abs/2204.06125
class PriorTransformer : public Module {
 public:
  explicit PriorTransformer(const PriorConfig& c);

  /// text_embedding (B, D), text_hidden (B, T, D), mask (B, T) of 0 and 1, timesteps (B, S) -> the
  /// context of a sampling run with S timesteps. T may be less than the prior's num_embeddings if
  /// all the tokens left out are masked.
  PriorContext encode(const at::Tensor& text_embedding, const at::Tensor& text_hidden,
                      const at::Tensor& mask, const at::Tensor& timesteps) const;

  /// x_t (B, D), and time = context.times[s], (L, 2, B, N, K), of its timestep -> the predicted x_0
  /// (B, D), in normalised coordinates
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& time,
                     const PriorContext& context) const;

  /// x_0 (B, D), the result of the sampling run -> image embedding: x_0 clip_std + clip_mean
  at::Tensor denormalise(const at::Tensor& x_0) const;
  /// The inverse of denormalise(), for training.
  at::Tensor normalise(const at::Tensor& image_embedding) const;

 private:
  PriorContext encode_text(const at::Tensor& text_embedding, const at::Tensor& text_hidden,
                           const at::Tensor& mask) const;
  at::Tensor encode_times(const at::Tensor& timesteps, const PriorContext& context) const;
  at::Tensor positions(int64_t first, int64_t count) const;

  PriorConfig config_;
  at::Tensor positional_embedding;  // (1, T + 4, D')
  at::Tensor prd_embedding;         // (1, 1, D'), the token that becomes the prediction
  at::Tensor clip_mean, clip_std;   // (1, D)
  TimestepEmbedding time_embedding;
  Linear proj_in;
  Linear embedding_proj;
  Linear encoder_hidden_states_proj;
  ModuleList<PriorLayer> transformer_blocks;
  LayerNorm norm_out;
  Linear proj_to_clip_embeddings;
};

}  // namespace unclip
