#pragma once

#include <torch/nn/modules/container/modulelist.h>

#include <vector>

#include "core/layers.h"
#include "core/tensor_ops.h"
#include "prior/prior_config.h"

namespace unclip {

/// Self-attention with biases, of tokens that may follow others. x (B, T, D) -> (B, T, D)
class PriorAttentionImpl : public torch::nn::Module {
 public:
  explicit PriorAttentionImpl(const PriorConfig& c);
  /// seen: of T' tokens before, in parts; x's own are added to them. mask: what is added to the
  /// scores, broadcastable to (B, N, T, T' + T).
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask, std::vector<KeysValues>& seen);

 private:
  int64_t heads_;
  Linear to_q, to_k, to_v;
  torch::nn::ModuleList to_out;
};
TORCH_MODULE(PriorAttention);

/// The first half of a feed-forward network: x (..., in) -> GELU(linear(x)) (..., out)
class GeluProjectionImpl : public torch::nn::Module {
 public:
  GeluProjectionImpl(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x);

 private:
  Linear proj;
};
TORCH_MODULE(GeluProjection);

/// x (B, T, D) -> (B, T, D) by way of 4 D.
class FeedForwardImpl : public torch::nn::Module {
 public:
  explicit FeedForwardImpl(int64_t width);
  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::ModuleList net;
};
TORCH_MODULE(FeedForward);

/// The prior's pre-norm transformer layer. x (B, T, D) -> (B, T, D); `seen` and mask are
/// PriorAttention's.
class PriorLayerImpl : public torch::nn::Module {
 public:
  explicit PriorLayerImpl(const PriorConfig& c);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask, std::vector<KeysValues>& seen);

 private:
  LayerNorm norm1;
  PriorAttention attn1;
  LayerNorm norm3;  // a checkpoint's norm2 belongs to cross-attention, which the prior lacks
  FeedForward ff;
};
TORCH_MODULE(PriorLayer);

}  // namespace unclip
