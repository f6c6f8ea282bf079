#pragma once

#include <optional>

#include "clip/clip_config.h"

namespace unclip {

/// Self-attention. x (B, T, D) -> (B, T, D)
class ClipAttention : public Module {
 public:
  ClipAttention(Place place, const ClipTransformerConfig& c);
  at::Tensor operator()(const at::Tensor& x, const std::optional<at::Tensor>& mask) const;

 private:
  int64_t heads_;
  Linear q_proj, k_proj, v_proj, out_proj;
};

/// The feed-forward network: x (B, T, D) -> (B, T, D), through the intermediate width.
class ClipMlp : public Module {
 public:
  ClipMlp(Place place, const ClipTransformerConfig& c);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Activation activation_;
  Linear fc1, fc2;
};

/// The pre-norm transformer layer of both encoders. x (B, T, D) -> (B, T, D)
/// Radford et al. 2021, section 2.4, https://arxiv.org/abs/2103.00020
class ClipLayer : public Module {
 public:
  ClipLayer(Place place, const ClipTransformerConfig& c);
  /// mask is added to the attention scores; broadcastable to (B, N, T, T).
  at::Tensor operator()(const at::Tensor& x, const std::optional<at::Tensor>& mask) const;

 private:
  LayerNorm layer_norm1;
  ClipAttention self_attn;
  LayerNorm layer_norm2;
  ClipMlp mlp;
};

/// The layers of an encoder, "encoder" in a checkpoint. x (B, T, D) -> (B, T, D)
class ClipStack : public Module {
 public:
  ClipStack(Place place, const ClipTransformerConfig& c);
  at::Tensor operator()(at::Tensor x, const std::optional<at::Tensor>& mask) const;

 private:
  ModuleList<ClipLayer> layers;
};

}  // namespace unclip
