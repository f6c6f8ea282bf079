#pragma once

#include "unet/attention_block.h"
#include "unet/resnet_block.h"

namespace unclip {

/// A level of the U-Net: its widths, and whether it has attention and resamples.
struct LevelConfig {
  int64_t in_channels;
  int64_t out_channels;
  int64_t skip_channels = 0;  // of an up block's last skip
  BlockKind kind;
  bool resamples;
};

/// The configs of the residual block and of the attention at a level.
ResnetBlockConfig resnet_block(const UNetConfig& c, int64_t in_channels, int64_t out_channels,
                               Resample resample = Resample::kNone);
AttentionBlock::Shape attention_block(const UNetConfig& c, int64_t channels);

/// Residual blocks, each followed by attention if the level has it, then a halving of the
/// resolution. Appends every result to `skips`, for the up blocks.
class DownBlock : public Module {
 public:
  DownBlock(Place place, const UNetConfig& c, const LevelConfig& level);

  /// x (B, C_in, H, W), time -> (B, C_out, H', W')
  at::Tensor operator()(at::Tensor x, const Modulations& time, const UNetContext& context,
                        std::vector<at::Tensor>& skips) const;

 private:
  ModuleList<ResnetBlock> resnets;
  ModuleList<AttentionBlock> attentions;  // empty, or as many as resnets
  ModuleList<ResnetBlock> downsamplers;   // empty, or one
};

}  // namespace unclip
