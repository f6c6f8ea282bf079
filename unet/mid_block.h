#pragma once

#include "unet/down_block.h"

namespace unclip {

/// The lowest level: residual block, attention where the config has it, residual block.
class MidBlockImpl : public torch::nn::Module {
 public:
  explicit MidBlockImpl(const UNetConfig& c);

  /// x (B, C, H, W), time -> (B, C, H, W)
  at::Tensor forward(at::Tensor x, const Modulations& time, const UNetContext& context);

 private:
  torch::nn::ModuleList attentions;  // empty, or one
  torch::nn::ModuleList resnets;     // two
};
TORCH_MODULE(MidBlock);

}  // namespace unclip
