#pragma once

#include <optional>
#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"
#include "unet/unet_config.h"

namespace unclip {

/// The condition of a U-Net's blocks, which is the same in all steps of a sampling run.
struct UNetContext {
  at::Tensor time_add;  // (B, E), added to the time embedding; undefined with Conditioning::kNone
  at::Tensor tokens;    // (B, T, D); undefined without cross-attention
  at::Tensor mask;      // (B, T) of 0 and 1; undefined: all tokens are read
  /// The tokens' keys and values (B, N, T, K) for each attention block, by its number.
  /// UNet::prepare fills it in; if it is empty, each block computes its own in every step.
  std::vector<KeysValues> seen;
  /// Added to the scores of the tokens and of an image's pixels, (B, 1, 1, T + S). UNet::prepare
  /// fills it in too.
  at::Tensor bias;

  /// `bias` for only `pixels` pixels, (B, 1, 1, T + pixels), in `dtype`; none without a mask.
  std::optional<at::Tensor> bias_of(int64_t pixels, at::ScalarType dtype) const;
  /// All tensors that a step reads.
  std::vector<at::Tensor*> tensors();
};

/// Pixels attend to the context and to each other: one softmax over both, the context first.
/// Nichol et al. 2021, section 3.1, https://arxiv.org/abs/2112.10741
class AttentionBlock : public Module {
 public:
  struct Shape {
    int64_t channels, head_width, context_width, norm_groups;
  };
  AttentionBlock(Place place, const Shape& shape);

  /// tokens (B, T, D) -> (B, N, T, K)
  KeysValues keys_values(const at::Tensor& tokens) const;
  /// x (B, C, H, W) -> (B, C, H, W)
  at::Tensor operator()(const at::Tensor& x, const UNetContext& context) const;

  /// Its index in UNetContext::seen, which the U-Net gives it.
  void set_number(size_t number) { number_ = number; }

 private:
  int64_t heads_;
  size_t number_ = 0;
  GroupNorm norm;
  Linear to_q, to_k, to_v;
  Linear add_k_proj, add_v_proj;
  ModuleList<Linear> to_out;  // one
};

}  // namespace unclip
