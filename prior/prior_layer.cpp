#include "prior/prior_layer.h"

#include <ATen/ATen.h>

#include "core/tensor_ops.h"

namespace unclip {

namespace {
constexpr double kNormEps = 1e-5;
}  // namespace

PriorAttentionImpl::PriorAttentionImpl(const PriorConfig& c)
    : heads_(c.num_attention_heads),
      to_q(register_module("to_q", linear(c.inner_width(), c.inner_width()))),
      to_k(register_module("to_k", linear(c.inner_width(), c.inner_width()))),
      to_v(register_module("to_v", linear(c.inner_width(), c.inner_width()))),
      to_out(register_module("to_out", torch::nn::ModuleList())) {
  to_out->push_back(linear(c.inner_width(), c.inner_width()));
}

at::Tensor PriorAttentionImpl::forward(const at::Tensor& x, const at::Tensor& mask,
                                       std::vector<KeysValues>& seen) {
  const auto q = split_heads(to_q(x), heads_);  // (B, N, T, K)
  seen.push_back({.keys = split_heads(to_k(x), heads_), .values = split_heads(to_v(x), heads_)});
  const auto all = joined(seen);                                         // (B, N, T' + T, K)
  const auto h = merge_heads(attention(q, all.keys, all.values, mask));  // (B, T, D)
  return to_out[0]->as<Linear>()->forward(h);
}

GeluProjectionImpl::GeluProjectionImpl(int64_t in, int64_t out)
    : proj(register_module("proj", linear(in, out))) {}

at::Tensor GeluProjectionImpl::forward(const at::Tensor& x) {
  return activate(proj(x), Activation::kGelu);
}

FeedForwardImpl::FeedForwardImpl(int64_t width)
    : net(register_module("net", torch::nn::ModuleList())) {
  net->push_back(GeluProjection(width, 4 * width));
  net->push_back(Identity());
  net->push_back(linear(4 * width, width));
}

at::Tensor FeedForwardImpl::forward(const at::Tensor& x) {
  return net[2]->as<Linear>()->forward(net[0]->as<GeluProjection>()->forward(x));
}

PriorLayerImpl::PriorLayerImpl(const PriorConfig& c)
    : norm1(register_module("norm1", layer_norm(c.inner_width(), kNormEps))),
      attn1(register_module("attn1", PriorAttention(c))),
      norm3(register_module("norm3", layer_norm(c.inner_width(), kNormEps))),
      ff(register_module("ff", FeedForward(c.inner_width()))) {}

at::Tensor PriorLayerImpl::forward(const at::Tensor& x, const at::Tensor& mask,
                                   std::vector<KeysValues>& seen) {
  const auto h = x + attn1(norm1(x), mask, seen);
  return h + ff(norm3(h));
}

}  // namespace unclip
