#pragma once

#include "unet/down_block.h"

namespace unclip {

/// Residual blocks over the way down's results, each followed by attention where the level has it,
/// then a doubling of the resolution. It has one residual block more than its down block, for the
/// result of the sampler (or of conv_in) before it.
class UpBlockImpl : public torch::nn::Module {
 public:
  UpBlockImpl(const UNetConfig& c, const LevelConfig& level);

  /// x (B, C_in, H, W), time -> (B, C_out, H', W'); takes its skips from the back of `skips`
  at::Tensor forward(at::Tensor x, const Modulations& time, const UNetContext& context,
                     std::vector<at::Tensor>& skips);

 private:
  torch::nn::ModuleList resnets;
  torch::nn::ModuleList attentions;  // empty, or as many as resnets
  torch::nn::ModuleList upsamplers;  // empty, or one
};
TORCH_MODULE(UpBlock);

}  // namespace unclip
