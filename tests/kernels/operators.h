#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "kernels/kernel.h"

namespace unclip::testing::op {

using Maybe = std::optional<at::Tensor>;

inline constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16, at::kHalf};

/// How far a result may be from its definition, of the largest: in half, its own rounding.
inline double rounding(at::ScalarType type, double in_float32) {
  return type == at::kFloat ? in_float32 : type == at::kHalf ? 1e-3 : 1e-2;
}

/// unclip's operators as nn/layers calls them: the device's own kernels.
inline at::Tensor conv3x3(const at::Tensor& x, const at::Tensor& weight, const Maybe& bias,
                          const Maybe& residual) {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, const Maybe&);
  return kernel<Signature>("unclip::conv3x3").call(x, weight, bias, residual);
}

inline at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const Maybe& bias,
                         int64_t stride, int64_t padding, int64_t padding_after = 0) {
  using Signature =
      at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, int64_t, int64_t, int64_t);
  return kernel<Signature>("unclip::conv2d").call(x, weight, bias, stride, padding, padding_after);
}

inline at::Tensor group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                             const at::Tensor& bias, double eps, const Maybe& modulation,
                             bool silu) {
  using Signature = at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&,
                               double, const Maybe&, bool);
  return kernel<Signature>("unclip::group_norm")
      .call(x, groups, weight, bias, eps, modulation, silu);
}

inline at::Tensor spatial_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                               const at::Tensor& bias, double eps, const at::Tensor& scale,
                               const at::Tensor& shift, bool silu) {
  using Signature = at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&,
                               double, const at::Tensor&, const at::Tensor&, bool);
  return kernel<Signature>("unclip::spatial_norm")
      .call(x, groups, weight, bias, eps, scale, shift, silu);
}

inline at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const Maybe& bias) {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&);
  return kernel<Signature>("unclip::linear").call(x, weight, bias);
}

inline at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const Maybe& mask) {
  using Signature =
      at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const Maybe&);
  return kernel<Signature>("unclip::attention").call(q, k, v, mask);
}

inline at::Tensor guide(const at::Tensor& both, int64_t channels, double scale) {
  using Signature = at::Tensor(const at::Tensor&, int64_t, double);
  return kernel<Signature>("unclip::guide").call(both, channels, scale);
}

inline at::Tensor predict_x0(const at::Tensor& prediction, const at::Tensor& x_t, double x_t_factor,
                             double prediction_factor, double divisor, double clip) {
  using Signature =
      at::Tensor(const at::Tensor&, const at::Tensor&, double, double, double, double);
  return kernel<Signature>("unclip::predict_x0")
      .call(prediction, x_t, x_t_factor, prediction_factor, divisor, clip);
}

inline at::Tensor ancestral_step(const at::Tensor& x_0, const at::Tensor& x_t, const Maybe& noise,
                                 const Maybe& f, double x_0_factor, double x_t_factor,
                                 double deviation, double log_smallest, double log_largest) {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, const Maybe&,
                               double, double, double, double, double);
  return kernel<Signature>("unclip::ancestral_step")
      .call(x_0, x_t, noise, f, x_0_factor, x_t_factor, deviation, log_smallest, log_largest);
}

/// Numbers from a seed, rounded to `type`.
inline at::Tensor random(at::IntArrayRef shape, at::ScalarType type, uint64_t seed = 0) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return at::randn(shape, generator).to(type);
}

}  // namespace unclip::testing::op
