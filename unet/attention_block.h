#pragma once

#include <torch/nn/modules/container/modulelist.h>

#include <map>
#include <vector>

#include "core/tensor_ops.h"
#include "unet/unet_config.h"

namespace unclip {

class AttentionBlockImpl;

/// What the blocks of a U-Net are conditioned on, the same over a walk.
struct UNetContext {
  at::Tensor time_add;  // (B, E), joins the time embedding; undefined without class_embed
  at::Tensor tokens;    // (B, T, D), undefined without cross-attention
  at::Tensor mask;      // (B, T) of 0 and 1
  /// What each attention makes of the tokens, (B, N, T, K). UNet::prepare fills it in; an attention
  /// that is not here computes its own every time.
  std::map<const AttentionBlockImpl*, KeysValues> seen;
  /// What is added to the scores of the tokens and of as many pixels as a picture has, (B, 1, 1,
  /// T + S). UNet::prepare fills it in, too.
  at::Tensor bias;

  /// Its first part, for `pixels` pixels in `dtype`.
  at::Tensor bias_of(int64_t pixels, at::ScalarType dtype) const;
  /// All that a step reads.
  std::vector<at::Tensor*> tensors();
};

/// Pixels attend to the context and to each other: one softmax over both, the context first.
/// Nichol et al. 2021, section 3.1, https://arxiv.org/abs/2112.10741
class AttentionBlockImpl : public torch::nn::Module {
 public:
  struct Shape {
    int64_t channels, head_width, context_width, norm_groups;
  };
  explicit AttentionBlockImpl(const Shape& shape);

  /// tokens (B, T, D) -> (B, N, T, K)
  KeysValues keys_values(const at::Tensor& tokens);
  /// x (B, C, H, W) -> (B, C, H, W)
  at::Tensor forward(const at::Tensor& x, const UNetContext& context);

 private:
  int64_t heads_;
  GroupNorm norm;
  Linear to_q, to_k, to_v;
  Linear add_k_proj, add_v_proj;
  torch::nn::ModuleList to_out;
};
TORCH_MODULE(AttentionBlock);

}  // namespace unclip
