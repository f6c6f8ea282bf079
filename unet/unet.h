#pragma once

#include "unet/mid_block.h"
#include "unet/up_block.h"

namespace unclip {

/// The U-Net that predicts a noisy picture's noise, or the picture itself; decoder and
/// super-resolution differ by config.
/// Dhariwal & Nichol 2021, section 3, https://arxiv.org/abs/2105.05233
class UNetImpl : public torch::nn::Module {
 public:
  explicit UNetImpl(const UNetConfig& c);

  const UNetConfig& config() const { return config_; }

  /// The same context, for a walk: what the attentions make of its tokens is computed here, once.
  UNetContext prepare(UNetContext context);

  /// timesteps (B, S) of a walk -> what they are to the blocks, (S, B, W): the modulations of all
  /// blocks, one behind the other.
  at::Tensor encode_times(const at::Tensor& timesteps, const UNetContext& context);

  /// x (B, C_in, H, W), H and W multiples of 2^(levels - 1), time (B, W), one of encode_times()
  /// -> (B, C_out, H, W)
  at::Tensor step(const at::Tensor& x, const at::Tensor& time, const UNetContext& context);
  /// The same at timesteps (B).
  at::Tensor forward(const at::Tensor& x, const at::Tensor& timesteps, const UNetContext& context);

 private:
  UNetConfig config_;
  std::vector<ResnetBlockImpl*> resnets_;   // of all blocks
  std::vector<int64_t> modulation_widths_;  // theirs
  Conv2d conv_in;
  TimestepEmbedding time_embedding;
  torch::nn::ModuleList down_blocks;
  torch::nn::ModuleList up_blocks;
  MidBlock mid_block;
  GroupNorm conv_norm_out;
  Conv2d conv_out;
};
TORCH_MODULE(UNet);

}  // namespace unclip
