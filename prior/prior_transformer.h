#pragma once

#include <vector>

#include "core/timestep_embedding.h"
#include "prior/prior_layer.h"

namespace unclip {

/// What stays the same over a walk: the text's part of the sequence, which sees nothing of what
/// follows it, in every layer.
struct PriorContext {
  std::vector<KeysValues> text;  // of each layer, (B, N, T + 1, K): hidden states, then embedding
  at::Tensor mask;               // (B, 1, 3, T + 4), added to the scores of the tokens behind it

  at::ScalarType scalar_type() const { return mask.scalar_type(); }
};

/// The diffusion prior: a causal transformer that predicts a picture's embedding from its text.
/// Ramesh et al. 2022, section 2.2, https://arxiv.org/abs/2204.06125
class PriorTransformerImpl : public torch::nn::Module {
 public:
  explicit PriorTransformerImpl(const PriorConfig& c);

  /// text_embedding (B, D), text_hidden (B, T, D), mask (B, T) of 0 and 1 -> the walk's context
  PriorContext encode(const at::Tensor& text_embedding, const at::Tensor& text_hidden,
                      const at::Tensor& mask);

  /// x_t (B, D), timesteps (B) -> the predicted x_0 (B, D), in normalised coordinates
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& timesteps,
                     const PriorContext& context);

  /// x_0 (B, D) as the walk leaves it -> image embedding: x_0 clip_std + clip_mean
  at::Tensor denormalise(const at::Tensor& x_0) const;
  /// The inverse, for training.
  at::Tensor normalise(const at::Tensor& image_embedding) const;

 private:
  PriorConfig config_;
  at::Tensor positional_embedding;  // (1, T + 4, D')
  at::Tensor prd_embedding;         // (1, 1, D'), the token that becomes the prediction
  at::Tensor clip_mean, clip_std;   // (1, D)
  TimestepEmbedding time_embedding;
  Linear proj_in;
  Linear embedding_proj;
  Linear encoder_hidden_states_proj;
  torch::nn::ModuleList transformer_blocks;
  LayerNorm norm_out;
  Linear proj_to_clip_embeddings;
};
TORCH_MODULE(PriorTransformer);

}  // namespace unclip
