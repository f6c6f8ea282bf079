#include "unet/down_block.h"

namespace unclip {

ResnetBlockConfig resnet_block(const UNetConfig& c, int64_t in_channels, int64_t out_channels,
                               Resample resample) {
  return {.in_channels = in_channels,
          .out_channels = out_channels,
          .time_channels = c.time_embedding_dim,
          .norm_groups = c.norm_num_groups,
          .norm_eps = c.norm_eps,
          .time_scale_shift = c.resnet_time_scale_shift,
          .resample = resample};
}

AttentionBlock::Shape attention_block(const UNetConfig& c, int64_t channels) {
  return {.channels = channels,
          .head_width = c.attention_head_dim,
          .context_width = c.cross_attention_dim,
          .norm_groups = c.norm_num_groups};
}

DownBlock::DownBlock(Place place, const UNetConfig& c, const LevelConfig& level)
    : Module(std::move(place)),
      resnets({this, "resnets"}),
      attentions({this, "attentions"}),
      downsamplers({this, "downsamplers"}) {
  for (int64_t i = 0; i < c.layers_per_block; ++i) {
    const auto in = i == 0 ? level.in_channels : level.out_channels;
    resnets.add(resnet_block(c, in, level.out_channels));
    if (level.kind == BlockKind::kCrossAttention) {
      attentions.add(attention_block(c, level.out_channels));
    }
  }
  if (level.resamples) {
    downsamplers.add(resnet_block(c, level.out_channels, level.out_channels, Resample::kDown));
  }
}

at::Tensor DownBlock::operator()(at::Tensor x, const Modulations& time, const UNetContext& context,
                                 std::vector<at::Tensor>& skips) const {
  for (size_t i = 0; i < resnets.size(); ++i) {
    x = resnets[i](std::move(x), time);  // (B, C_out, H, W)
    if (!attentions.empty()) x = attentions[i](x, context);
    skips.push_back(x);
  }
  if (!downsamplers.empty()) {
    x = downsamplers[0](std::move(x), time);  // (B, C_out, H / 2, W / 2)
    skips.push_back(x);
  }
  return x;
}

}  // namespace unclip
