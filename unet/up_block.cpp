#include "unet/up_block.h"

#include "kernels/tensor.h"

namespace unclip {

UpBlock::UpBlock(Place place, const UNetConfig& c, const LevelConfig& level)
    : Module(std::move(place)),
      resnets({this, "resnets"}),
      attentions({this, "attentions"}),
      upsamplers({this, "upsamplers"}) {
  const auto layers = c.layers_per_block + 1;
  for (int64_t i = 0; i < layers; ++i) {
    const auto from_below = i == 0 ? level.in_channels : level.out_channels;
    const auto skip = i == layers - 1 ? level.skip_channels : level.out_channels;
    resnets.add(resnet_block(c, from_below + skip, level.out_channels));
    if (level.kind == BlockKind::kCrossAttention) {
      attentions.add(attention_block(c, level.out_channels));
    }
  }
  if (level.resamples) {
    upsamplers.add(resnet_block(c, level.out_channels, level.out_channels, Resample::kUp));
  }
}

at::Tensor UpBlock::operator()(at::Tensor x, const Modulations& time, const UNetContext& context,
                               std::vector<at::Tensor>& skips) const {
  for (size_t i = 0; i < resnets.size(); ++i) {
    x = ops::cat({x, skips.back()}, 1);  // (B, C_in + C_skip, H, W)
    skips.pop_back();
    x = resnets[i](std::move(x), time);  // (B, C_out, H, W)
    if (!attentions.empty()) x = attentions[i](x, context);
  }
  if (!upsamplers.empty()) x = upsamplers[0](std::move(x), time);  // (B, C_out, 2 H, 2 W)
  return x;
}

}  // namespace unclip
