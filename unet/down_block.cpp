#include "unet/down_block.h"

namespace unclip {

ResnetBlock resnet_block(const UNetConfig& c, int64_t in_channels, int64_t out_channels,
                         Resample resample) {
  return ResnetBlock(ResnetBlockConfig{.in_channels = in_channels,
                                       .out_channels = out_channels,
                                       .time_channels = c.time_embedding_dim,
                                       .norm_groups = c.norm_num_groups,
                                       .norm_eps = c.norm_eps,
                                       .time_scale_shift = c.resnet_time_scale_shift,
                                       .resample = resample});
}

AttentionBlock attention_block(const UNetConfig& c, int64_t channels) {
  return AttentionBlock(AttentionBlockImpl::Shape{.channels = channels,
                                                  .head_width = c.attention_head_dim,
                                                  .context_width = c.cross_attention_dim,
                                                  .norm_groups = c.norm_num_groups});
}

at::Tensor timed(const std::shared_ptr<torch::nn::Module>& block, at::Tensor x,
                 const Modulations& time) {
  auto* resnet = block->as<ResnetBlock>();
  return resnet->forward(std::move(x), time.at(resnet));
}

DownBlockImpl::DownBlockImpl(const UNetConfig& c, const LevelConfig& level)
    : resnets(register_module("resnets", torch::nn::ModuleList())),
      attentions(register_module("attentions", torch::nn::ModuleList())),
      downsamplers(register_module("downsamplers", torch::nn::ModuleList())) {
  for (int64_t i = 0; i < c.layers_per_block; ++i) {
    const auto in = i == 0 ? level.in_channels : level.out_channels;
    resnets->push_back(resnet_block(c, in, level.out_channels));
    if (level.kind == BlockKind::kCrossAttention) {
      attentions->push_back(attention_block(c, level.out_channels));
    }
  }
  if (level.resamples) {
    downsamplers->push_back(
        resnet_block(c, level.out_channels, level.out_channels, Resample::kDown));
  }
}

at::Tensor DownBlockImpl::forward(at::Tensor x, const Modulations& time, const UNetContext& context,
                                  std::vector<at::Tensor>& skips) {
  for (size_t i = 0; i < resnets->size(); ++i) {
    x = timed(resnets[i], std::move(x), time);  // (B, C_out, H, W)
    if (!attentions->is_empty()) x = attentions[i]->as<AttentionBlock>()->forward(x, context);
    skips.push_back(x);
  }
  for (const auto& downsampler : *downsamplers) {
    x = timed(downsampler, std::move(x), time);  // (B, C_out, H / 2, W / 2)
    skips.push_back(x);
  }
  return x;
}

}  // namespace unclip
