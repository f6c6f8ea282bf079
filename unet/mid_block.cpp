#include "unet/mid_block.h"

namespace unclip {

MidBlockImpl::MidBlockImpl(const UNetConfig& c)
    : attentions(register_module("attentions", torch::nn::ModuleList())),
      resnets(register_module("resnets", torch::nn::ModuleList())) {
  const auto channels = c.block_out_channels.back();
  for (int i = 0; i < 2; ++i) resnets->push_back(resnet_block(c, channels, channels));
  if (c.mid_block_type == BlockKind::kCrossAttention) {
    attentions->push_back(attention_block(c, channels));
  }
}

at::Tensor MidBlockImpl::forward(at::Tensor x, const Modulations& time,
                                 const UNetContext& context) {
  x = timed(resnets[0], std::move(x), time);
  for (const auto& attention : *attentions) {
    x = attention->as<AttentionBlock>()->forward(x, context);
  }
  return timed(resnets[1], std::move(x), time);
}

}  // namespace unclip
