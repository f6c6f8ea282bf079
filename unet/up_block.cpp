#include "unet/up_block.h"

#include <ATen/ATen.h>

namespace unclip {

UpBlockImpl::UpBlockImpl(const UNetConfig& c, const LevelConfig& level)
    : resnets(register_module("resnets", torch::nn::ModuleList())),
      attentions(register_module("attentions", torch::nn::ModuleList())),
      upsamplers(register_module("upsamplers", torch::nn::ModuleList())) {
  const auto layers = c.layers_per_block + 1;
  for (int64_t i = 0; i < layers; ++i) {
    const auto from_below = i == 0 ? level.in_channels : level.out_channels;
    const auto skip = i == layers - 1 ? level.skip_channels : level.out_channels;
    resnets->push_back(resnet_block(c, from_below + skip, level.out_channels));
    if (level.kind == BlockKind::kCrossAttention) {
      attentions->push_back(attention_block(c, level.out_channels));
    }
  }
  if (level.resamples) {
    upsamplers->push_back(resnet_block(c, level.out_channels, level.out_channels, Resample::kUp));
  }
}

at::Tensor UpBlockImpl::forward(at::Tensor x, const Modulations& time, const UNetContext& context,
                                std::vector<at::Tensor>& skips) {
  for (size_t i = 0; i < resnets->size(); ++i) {
    x = at::cat({x, skips.back()}, 1);  // (B, C_in + C_skip, H, W)
    skips.pop_back();
    x = timed(resnets[i], std::move(x), time);  // (B, C_out, H, W)
    if (!attentions->is_empty()) x = attentions[i]->as<AttentionBlock>()->forward(x, context);
  }
  for (const auto& upsampler : *upsamplers) {
    x = timed(upsampler, std::move(x), time);  // (B, C_out, 2 H, 2 W)
  }
  return x;
}

}  // namespace unclip
