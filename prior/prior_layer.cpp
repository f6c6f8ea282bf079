#include "prior/prior_layer.h"

#include "kernels/tensor.h"

namespace unclip {

namespace {
constexpr double kNormEps = 1e-5;
}  // namespace

PriorAttention::PriorAttention(Place place, const PriorConfig& c)
    : Module(std::move(place)),
      heads_(c.num_attention_heads),
      to_q({this, "to_q"}, c.inner_width(), c.inner_width()),
      to_k({this, "to_k"}, c.inner_width(), c.inner_width()),
      to_v({this, "to_v"}, c.inner_width(), c.inner_width()),
      to_out({this, "to_out"}) {
  to_out.add(c.inner_width(), c.inner_width());
}

at::Tensor PriorAttention::operator()(const at::Tensor& x, const at::Tensor& mask,
                                      std::vector<KeysValues>& seen) const {
  const auto q = split_heads(to_q(x), heads_);  // (B, N, T, K)
  seen.push_back({.keys = split_heads(to_k(x), heads_), .values = split_heads(to_v(x), heads_)});
  const auto all = joined(seen);                                         // (B, N, T' + T, K)
  const auto h = merge_heads(attention(q, all.keys, all.values, mask));  // (B, T, D)
  return to_out[0](h);
}

GeluProjection::GeluProjection(Place place, int64_t in, int64_t out)
    : Module(std::move(place)), proj({this, "proj"}, in, out) {}

at::Tensor GeluProjection::operator()(const at::Tensor& x) const {
  return activate(proj(x), Activation::kGelu);
}

FeedForward::FeedForward(Place place, int64_t width)
    : Module(std::move(place)),
      projection({this, "net.0"}, width, 4 * width),
      out({this, "net.2"}, 4 * width, width) {}

at::Tensor FeedForward::operator()(const at::Tensor& x) const { return out(projection(x)); }

PriorLayer::PriorLayer(Place place, const PriorConfig& c)
    : Module(std::move(place)),
      norm1({this, "norm1"}, c.inner_width(), kNormEps),
      attn1({this, "attn1"}, c),
      norm3({this, "norm3"}, c.inner_width(), kNormEps),
      ff({this, "ff"}, c.inner_width()) {}

at::Tensor PriorLayer::operator()(const at::Tensor& x, const at::Tensor& mask,
                                  std::vector<KeysValues>& seen) const {
  const auto h = x + attn1(norm1(x), mask, seen);
  return h + ff(norm3(h));
}

}  // namespace unclip
