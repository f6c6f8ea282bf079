#include "clip/clip_layer.h"

#include "core/tensor_ops.h"

namespace unclip {

ClipAttentionImpl::ClipAttentionImpl(const ClipTransformerConfig& c)
    : heads_(c.num_attention_heads),
      q_proj(register_module("q_proj", linear(c.hidden_size, c.hidden_size))),
      k_proj(register_module("k_proj", linear(c.hidden_size, c.hidden_size))),
      v_proj(register_module("v_proj", linear(c.hidden_size, c.hidden_size))),
      out_proj(register_module("out_proj", linear(c.hidden_size, c.hidden_size))) {}

at::Tensor ClipAttentionImpl::forward(const at::Tensor& x, const std::optional<at::Tensor>& mask) {
  const auto q = split_heads(q_proj(x), heads_);  // (B, N, T, K)
  const auto k = split_heads(k_proj(x), heads_);
  const auto v = split_heads(v_proj(x), heads_);
  return out_proj(merge_heads(attention(q, k, v, mask)));  // (B, T, D)
}

ClipMlpImpl::ClipMlpImpl(const ClipTransformerConfig& c)
    : activation_(c.hidden_act),
      fc1(register_module("fc1", linear(c.hidden_size, c.intermediate_size))),
      fc2(register_module("fc2", linear(c.intermediate_size, c.hidden_size))) {}

at::Tensor ClipMlpImpl::forward(const at::Tensor& x) { return fc2(activate(fc1(x), activation_)); }

ClipLayerImpl::ClipLayerImpl(const ClipTransformerConfig& c)
    : layer_norm1(register_module("layer_norm1", layer_norm(c.hidden_size, c.layer_norm_eps))),
      self_attn(register_module("self_attn", ClipAttention(c))),
      layer_norm2(register_module("layer_norm2", layer_norm(c.hidden_size, c.layer_norm_eps))),
      mlp(register_module("mlp", ClipMlp(c))) {}

at::Tensor ClipLayerImpl::forward(const at::Tensor& x, const std::optional<at::Tensor>& mask) {
  const auto h = x + self_attn(layer_norm1(x), mask);
  return h + mlp(layer_norm2(h));
}

ClipStackImpl::ClipStackImpl(const ClipTransformerConfig& c)
    : layers(register_module("layers", torch::nn::ModuleList())) {
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) layers->push_back(ClipLayer(c));
}

at::Tensor ClipStackImpl::forward(at::Tensor x, const std::optional<at::Tensor>& mask) {
  for (const auto& layer : *layers) x = layer->as<ClipLayer>()->forward(x, mask);
  return x;
}

}  // namespace unclip
