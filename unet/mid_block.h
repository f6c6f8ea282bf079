#pragma once

#include "unet/down_block.h"

namespace unclip {

/// The lowest level: residual block, attention if the config has it, residual block.
class MidBlock : public Module {
 public:
  MidBlock(Place place, const UNetConfig& c);

  /// x (B, C, H, W), time -> (B, C, H, W)
  at::Tensor operator()(at::Tensor x, const Modulations& time, const UNetContext& context) const;

 private:
  ModuleList<AttentionBlock> attentions;  // empty, or one
  ModuleList<ResnetBlock> resnets;        // two
};

}  // namespace unclip
