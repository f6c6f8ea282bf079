#include "core/timestep_embedding.h"

#include <ATen/ATen.h>

#include <cmath>

namespace unclip {

at::Tensor sinusoids(const at::Tensor& timesteps, const SinusoidConfig& config) {
  const auto half = config.width / 2;
  TORCH_CHECK(2 * half == config.width, "sinusoids: the width is odd: ", config.width);
  // All in float32, as the published weights were trained: in double, t = 999 differs by 6e-5.
  const auto i = at::arange(half, at::device(timesteps.device()).dtype(at::kFloat));
  const auto exponent = -std::log(10000.0) * i / (static_cast<double>(half) - config.freq_shift);
  const auto angle = timesteps.to(at::kFloat).unsqueeze(1) * at::exp(exponent);  // (B, half)
  return config.flip_sin_to_cos ? at::cat({angle.cos(), angle.sin()}, 1)
                                : at::cat({angle.sin(), angle.cos()}, 1);  // (B, width)
}

TimestepEmbeddingImpl::TimestepEmbeddingImpl(int64_t in, int64_t hidden, int64_t out)
    : linear_1(register_module("linear_1", linear(in, hidden))),
      linear_2(register_module("linear_2", linear(hidden, out))) {}

at::Tensor TimestepEmbeddingImpl::forward(const at::Tensor& x) {
  return linear_2(at::silu(linear_1(x)));
}

}  // namespace unclip
