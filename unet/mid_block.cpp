#include "unet/mid_block.h"

namespace unclip {

MidBlock::MidBlock(Place place, const UNetConfig& c)
    : Module(std::move(place)), attentions({this, "attentions"}), resnets({this, "resnets"}) {
  const auto channels = c.block_out_channels.back();
  for (int i = 0; i < 2; ++i) resnets.add(resnet_block(c, channels, channels));
  if (c.mid_block_type == BlockKind::kCrossAttention) attentions.add(attention_block(c, channels));
}

at::Tensor MidBlock::operator()(at::Tensor x, const Modulations& time,
                                const UNetContext& context) const {
  x = resnets[0](std::move(x), time);
  if (!attentions.empty()) x = attentions[0](x, context);
  return resnets[1](std::move(x), time);
}

}  // namespace unclip
