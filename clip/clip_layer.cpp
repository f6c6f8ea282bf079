#include "clip/clip_layer.h"

#include "kernels/tensor.h"
#include "nn/attention.h"

namespace unclip {

ClipAttention::ClipAttention(Place place, const ClipTransformerConfig& c)
    : Module(std::move(place)),
      heads_(c.num_attention_heads),
      q_proj({this, "q_proj"}, c.hidden_size, c.hidden_size),
      k_proj({this, "k_proj"}, c.hidden_size, c.hidden_size),
      v_proj({this, "v_proj"}, c.hidden_size, c.hidden_size),
      out_proj({this, "out_proj"}, c.hidden_size, c.hidden_size) {}

at::Tensor ClipAttention::operator()(const at::Tensor& x,
                                     const std::optional<at::Tensor>& mask) const {
  const auto q = split_heads(q_proj(x), heads_);  // (B, N, T, K)
  const auto k = split_heads(k_proj(x), heads_);
  const auto v = split_heads(v_proj(x), heads_);
  return out_proj(merge_heads(attention(q, k, v, mask)));  // (B, T, D)
}

ClipMlp::ClipMlp(Place place, const ClipTransformerConfig& c)
    : Module(std::move(place)),
      activation_(c.hidden_act),
      fc1({this, "fc1"}, c.hidden_size, c.intermediate_size),
      fc2({this, "fc2"}, c.intermediate_size, c.hidden_size) {}

at::Tensor ClipMlp::operator()(const at::Tensor& x) const {
  return fc2(activate(fc1(x), activation_));
}

ClipLayer::ClipLayer(Place place, const ClipTransformerConfig& c)
    : Module(std::move(place)),
      layer_norm1({this, "layer_norm1"}, c.hidden_size, c.layer_norm_eps),
      self_attn({this, "self_attn"}, c),
      layer_norm2({this, "layer_norm2"}, c.hidden_size, c.layer_norm_eps),
      mlp({this, "mlp"}, c) {}

at::Tensor ClipLayer::operator()(const at::Tensor& x, const std::optional<at::Tensor>& mask) const {
  const auto h = x + self_attn(layer_norm1(x), mask);
  return h + mlp(layer_norm2(h));
}

ClipStack::ClipStack(Place place, const ClipTransformerConfig& c)
    : Module(std::move(place)), layers({this, "layers"}) {
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) layers.add(c);
}

at::Tensor ClipStack::operator()(at::Tensor x, const std::optional<at::Tensor>& mask) const {
  for (size_t i = 0; i < layers.size(); ++i) x = layers[i](x, mask);
  return x;
}

}  // namespace unclip
