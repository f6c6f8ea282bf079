#pragma once

#include "unet/down_block.h"

namespace unclip {

/// Residual blocks that read the results of the down blocks, each followed by attention if the
/// level has it, then a doubling of the resolution. It has one residual block more than its down
/// block, for the result of the downsampler (or of conv_in) before that one.
class UpBlock : public Module {
 public:
  UpBlock(Place place, const UNetConfig& c, const LevelConfig& level);

  /// x (B, C_in, H, W), time -> (B, C_out, H', W'); removes its skips from the back of `skips`
  at::Tensor operator()(at::Tensor x, const Modulations& time, const UNetContext& context,
                        std::vector<at::Tensor>& skips) const;

 private:
  ModuleList<ResnetBlock> resnets;
  ModuleList<AttentionBlock> attentions;  // empty, or as many as resnets
  ModuleList<ResnetBlock> upsamplers;     // empty, or one
};

}  // namespace unclip
