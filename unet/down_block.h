#pragma once

#include "unet/attention_block.h"
#include "unet/resnet_block.h"

namespace unclip {

/// A level of the U-Net: which widths meet there and whether it attends and resamples.
struct LevelConfig {
  int64_t in_channels;
  int64_t out_channels;
  int64_t skip_channels = 0;  // of an up block's last skip, the width of the level below it
  BlockKind kind;
  bool resamples;
};

/// The residual block and the attention that a config asks for at a level.
ResnetBlock resnet_block(const UNetConfig& c, int64_t in_channels, int64_t out_channels,
                         Resample resample = Resample::kNone);
AttentionBlock attention_block(const UNetConfig& c, int64_t channels);

/// A residual block at its timestep.
at::Tensor timed(const std::shared_ptr<torch::nn::Module>& block, at::Tensor x,
                 const Modulations& time);

/// Residual blocks, each followed by attention where the level has it, then a halving of the
/// resolution. Every result is kept in `skips` for the way up.
class DownBlockImpl : public torch::nn::Module {
 public:
  DownBlockImpl(const UNetConfig& c, const LevelConfig& level);

  /// x (B, C_in, H, W), time -> (B, C_out, H', W')
  at::Tensor forward(at::Tensor x, const Modulations& time, const UNetContext& context,
                     std::vector<at::Tensor>& skips);

 private:
  torch::nn::ModuleList resnets;
  torch::nn::ModuleList attentions;    // empty, or as many as resnets
  torch::nn::ModuleList downsamplers;  // empty, or one
};
TORCH_MODULE(DownBlock);

}  // namespace unclip
