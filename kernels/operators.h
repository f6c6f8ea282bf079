#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

// The operators of unclip in torch's dispatcher. core/ and scheduler/ call them by name; a device's
// own kernels replace these implementations, which run on any device and support gradients.

namespace unclip::kernels {

/// conv(x) + bias, with the same stride in both directions. x is surrounded by `padding` zeros on
/// each side, and by `padding_after` more on the right and below.
/// x (B, C_in, H, W), weight (C_out, C_in, h, w), bias (C_out) -> (B, C_out, H', W').
/// Operator unclip::conv2d.
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias, int64_t stride, int64_t padding,
                  int64_t padding_after);

/// conv(x) + bias + residual: 3x3, stride 1, zero padding of 1.
/// x (B, C_in, H, W), weight (C_out, C_in, 3, 3), bias (C_out), residual (B, C_out, H, W)
/// -> (B, C_out, H, W), channels last. Operator unclip::conv3x3.
at::Tensor conv3x3(const at::Tensor& x, const at::Tensor& weight,
                   const std::optional<at::Tensor>& bias,
                   const std::optional<at::Tensor>& residual);

/// act((1 + scale) GroupNorm(x) + shift), act = SiLU or nothing.
/// x (B, C, ...), weight and bias (C), modulation (B, 2 C): scale, then shift; if it is absent,
/// both are 0. Operator unclip::group_norm.
at::Tensor group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                      const at::Tensor& bias, double eps,
                      const std::optional<at::Tensor>& modulation, bool silu);

/// act(scale' GroupNorm(x) + shift'), act = SiLU or nothing; scale' and shift' are scale and shift
/// enlarged to the size of x by repeating each pixel.
/// x (B, C, H, W), weight and bias (C), scale and shift (B, C, h, w); h divides H, w divides W.
/// Operator unclip::spatial_norm. Zheng et al. 2022, https://arxiv.org/abs/2209.09002
at::Tensor spatial_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                        const at::Tensor& bias, double eps, const at::Tensor& scale,
                        const at::Tensor& shift, bool silu);
/// Throws c10::Error unless the shapes are those of spatial_norm.
void expect_spatial_shapes(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift);

/// x W^T + bias. x (..., in), weight (out, in), bias (out) -> (..., out). Operator unclip::linear.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias);

/// softmax(q k^T / sqrt(K) + mask) v. q (B, N, T, K), k and v (B, N, T', K), mask broadcastable to
/// (B, N, T, T') -> (B, N, T, K). Operator unclip::attention.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask);

/// Classifier-free guidance, u + scale (c - u), for the first `channels` channels; the other
/// channels are those of c. both (2 B, C', ...), u in the first B rows and c in the last -> (B, C',
/// ...). Operator unclip::guide. Ho & Salimans 2022, eq. 6, https://arxiv.org/abs/2207.12598
/// with scale = 1 + w.
at::Tensor guide(const at::Tensor& both, int64_t channels, double scale);

/// (x_t_factor x_t + prediction_factor prediction) / divisor, clamped to [-clip, clip]; clip may be
/// infinite. x_t and prediction (B, ...) -> the same. Operator unclip::predict_x0.
/// Ho et al. 2020, eq. 15, https://arxiv.org/abs/2006.11239
at::Tensor predict_x0(const at::Tensor& prediction, const at::Tensor& x_t, double x_t_factor,
                      double prediction_factor, double divisor, double clip);

/// x_0_factor x_0 + x_t_factor x_t + deviation noise. All tensors are (B, ...); if noise is absent,
/// its term is left out. If f is given, it replaces deviation: each number has exp(f' log_largest /
/// 2 + (1 - f') log_smallest / 2), f' = (f + 1) / 2. Operator unclip::ancestral_step.
/// Ho et al. 2020, eqs. 6 and 7, https://arxiv.org/abs/2006.11239; Nichol & Dhariwal 2021, eq. 15,
/// https://arxiv.org/abs/2102.09672
at::Tensor ancestral_step(const at::Tensor& x_0, const at::Tensor& x_t,
                          const std::optional<at::Tensor>& noise,
                          const std::optional<at::Tensor>& f, double x_0_factor, double x_t_factor,
                          double deviation, double log_smallest, double log_largest);

}  // namespace unclip::kernels
