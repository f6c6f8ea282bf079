#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <optional>

#include "clip/clip_config.h"

namespace unclip {

/// Self-attention of the towers. x (B, T, D) -> (B, T, D)
class ClipAttentionImpl : public torch::nn::Module {
 public:
  explicit ClipAttentionImpl(const ClipTransformerConfig& c);
  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& mask);

 private:
  int64_t heads_;
  Linear q_proj, k_proj, v_proj, out_proj;
};
TORCH_MODULE(ClipAttention);

/// x (B, T, D) -> (B, T, D) by way of the intermediate width.
class ClipMlpImpl : public torch::nn::Module {
 public:
  explicit ClipMlpImpl(const ClipTransformerConfig& c);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  Linear fc1, fc2;
};
TORCH_MODULE(ClipMlp);

/// The pre-norm transformer layer of both towers. x (B, T, D) -> (B, T, D)
/// Radford et al. 2021, section 2.4, https://arxiv.org/abs/2103.00020
class ClipLayerImpl : public torch::nn::Module {
 public:
  explicit ClipLayerImpl(const ClipTransformerConfig& c);
  /// mask: what is added to the scores, broadcastable to (B, N, T, T).
  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& mask);

 private:
  LayerNorm layer_norm1;
  ClipAttention self_attn;
  LayerNorm layer_norm2;
  ClipMlp mlp;
};
TORCH_MODULE(ClipLayer);

/// The stack of a tower's layers, "encoder" in a checkpoint. x (B, T, D) -> (B, T, D)
class ClipStackImpl : public torch::nn::Module {
 public:
  explicit ClipStackImpl(const ClipTransformerConfig& c);
  at::Tensor forward(at::Tensor x, const std::optional<at::Tensor>& mask);

 private:
  torch::nn::ModuleList layers;
};
TORCH_MODULE(ClipStack);

}  // namespace unclip
