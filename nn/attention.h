#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <utility>
#include <vector>

namespace unclip {

/// x split into two equal parts along `dim`, as views.
std::pair<at::Tensor, at::Tensor> halves(const at::Tensor& x, int64_t dim);

/// x (B, T, N K) -> (B, N, T, K), a view.
at::Tensor split_heads(const at::Tensor& x, int64_t heads);

/// x (B, N, T, K) -> (B, T, N K)
at::Tensor merge_heads(const at::Tensor& x);

/// The keys and values of T tokens, (B, N, T, K) each.
struct KeysValues {
  at::Tensor keys, values;
};
/// The keys and values of all parts, concatenated along the tokens.
KeysValues joined(const std::vector<KeysValues>& parts);

/// softmax(q k^T / sqrt(K) + mask) v
/// q (B, N, T, K), k and v (B, N, T', K), mask broadcastable to (B, N, T, T') -> (B, N, T, K)
/// Vaswani et al. 2017, eq. 1, https://arxiv.org/abs/1706.03762
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask = std::nullopt);

/// `mask` (B, T) in the form that attention() adds to the scores: 0 where it is 1, -10000 where it
/// is 0.
at::Tensor additive_mask(const at::Tensor& mask, at::ScalarType dtype);

}  // namespace unclip
