#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

// The operators of unclip in torch's dispatcher. core/layers calls them by name; a device's own
// kernels stand in for these, which any device can run and through which gradients flow.

namespace unclip::kernels {

/// conv(x) + bias + residual: 3x3, stride 1, zeros around.
/// x (B, C_in, H, W), weight (C_out, C_in, 3, 3), bias (C_out), residual (B, C_out, H, W)
/// -> (B, C_out, H, W), channels last. Operator unclip::conv3x3.
at::Tensor conv3x3(const at::Tensor& x, const at::Tensor& weight,
                   const std::optional<at::Tensor>& bias,
                   const std::optional<at::Tensor>& residual);

/// act((1 + scale) GroupNorm(x) + shift), act = SiLU or nothing.
/// x (B, C, ...), weight and bias (C), modulation (B, 2 C): scale, then shift; without it both are
/// 0. Operator unclip::group_norm.
at::Tensor group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                      const at::Tensor& bias, double eps,
                      const std::optional<at::Tensor>& modulation, bool silu);

/// x W^T + bias. x (..., in), weight (out, in), bias (out) -> (..., out). Operator unclip::linear.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias);

/// softmax(q k^T / sqrt(K) + mask) v. q (B, N, T, K), k and v (B, N, T', K), mask broadcastable to
/// (B, N, T, T') -> (B, N, T, K). Operator unclip::attention.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask);

}  // namespace unclip::kernels
