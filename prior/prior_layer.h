#pragma once

#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"
#include "prior/prior_config.h"

namespace unclip {

/// Self-attention with biases, for tokens that may follow earlier tokens. x (B, T, D) -> (B, T, D)
class PriorAttention : public Module {
 public:
  PriorAttention(Place place, const PriorConfig& c);
  /// `seen` holds the keys and values of T' earlier tokens, in parts; those of x are appended.
  /// `mask` is added to the scores; broadcastable to (B, N, T, T' + T).
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& mask,
                        std::vector<KeysValues>& seen) const;

 private:
  int64_t heads_;
  Linear to_q, to_k, to_v;
  ModuleList<Linear> to_out;  // one
};

/// The first layer of a feed-forward network: x (..., in) -> GELU(linear(x)) (..., out)
class GeluProjection : public Module {
 public:
  GeluProjection(Place place, int64_t in, int64_t out);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Linear proj;
};

/// The feed-forward network: x (B, T, D) -> (B, T, D), with inner width 4 D. In a checkpoint its
/// layers are "net.0" and "net.2"; "net.1" is dropout, which has no tensors.
class FeedForward : public Module {
 public:
  FeedForward(Place place, int64_t width);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  GeluProjection projection;
  Linear out;
};

/// The prior's pre-norm transformer layer. x (B, T, D) -> (B, T, D); `seen` and `mask` are as in
/// PriorAttention.
class PriorLayer : public Module {
 public:
  PriorLayer(Place place, const PriorConfig& c);
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& mask,
                        std::vector<KeysValues>& seen) const;

 private:
  LayerNorm norm1;
  PriorAttention attn1;
  LayerNorm norm3;  // a checkpoint's norm2 belongs to cross-attention, which the prior lacks
  FeedForward ff;
};

}  // namespace unclip
