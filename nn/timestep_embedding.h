#pragma once

#include "nn/layers.h"

namespace unclip {

/// How a timestep is embedded as a vector; the fields bear the names in a network's config.
struct SinusoidConfig {
  int64_t width = 0;            // E, even
  bool flip_sin_to_cos = true;  // cosines in the first half
  double freq_shift = 0;
};

/// Sinusoidal embedding: timesteps (B) -> (B, width) float32, the sin and cos of t f_i with
///   f_i = exp(-ln(10000) i / (width / 2 - freq_shift)),  i = 0 ... width / 2 - 1.
/// Vaswani et al. 2017, section 3.5, https://arxiv.org/abs/1706.03762
at::Tensor sinusoids(const at::Tensor& timesteps, const SinusoidConfig& config);

/// A linear layer, SiLU and a linear layer: x (B, in) -> (B, hidden) -> (B, out)
class TimestepEmbedding : public Module {
 public:
  TimestepEmbedding(Place place, int64_t in, int64_t hidden, int64_t out);
  at::Tensor operator()(const at::Tensor& x) const;
  at::ScalarType scalar_type() const { return linear_1.scalar_type(); }

 private:
  Linear linear_1, linear_2;
};

}  // namespace unclip
