#include "nn/timestep_embedding.h"

#include <ATen/ATen.h>

#include <cmath>

namespace unclip {

at::Tensor sinusoids(const at::Tensor& timesteps, const SinusoidConfig& config) {
  const auto half = config.width / 2;
  TORCH_CHECK(2 * half == config.width, "sinusoids: the width is odd: ", config.width);
  // Everything is in float32, as in the training of the published weights: in double, t = 999
  // differs by 6e-5.
  const auto i = at::arange(half, at::device(timesteps.device()).dtype(at::kFloat));
  const auto exponent = -std::log(10000.0) * i / (static_cast<double>(half) - config.freq_shift);
  const auto angle = timesteps.to(at::kFloat).unsqueeze(1) * at::exp(exponent);  // (B, half)
  return config.flip_sin_to_cos ? at::cat({angle.cos(), angle.sin()}, 1)
                                : at::cat({angle.sin(), angle.cos()}, 1);  // (B, width)
}

TimestepEmbedding::TimestepEmbedding(Place place, int64_t in, int64_t hidden, int64_t out)
    : Module(std::move(place)),
      linear_1({this, "linear_1"}, in, hidden),
      linear_2({this, "linear_2"}, hidden, out) {}

at::Tensor TimestepEmbedding::operator()(const at::Tensor& x) const {
  return linear_2(at::silu(linear_1(x)));
}

}  // namespace unclip
