#include "vae/encoder.h"

namespace unclip {
namespace {

VaeBlockShape shape_of_encoder(const VaeConfig& c) {
  return {.norm_groups = c.norm_num_groups, .norm = VaeNorm::kGroup, .latent_channels = 0};
}

/// One column is padded on the right and one row below; none on the other sides.
ConvShape halving(int64_t channels) {
  return {.in = channels, .out = channels, .kernel = 3, .stride = 2, .padding_after = 1};
}

}  // namespace

VaeDownBlock::VaeDownBlock(Place place, const VaeConfig& c, size_t level)
    : Module(std::move(place)), resnets({this, "resnets"}), attentions({this, "attentions"}) {
  const auto shape = shape_of_encoder(c);
  const auto out = c.block_out_channels[level];
  for (int64_t i = 0; i < c.layers_per_block; ++i) {
    const auto in = i > 0 ? out : c.block_out_channels[level == 0 ? 0 : level - 1];
    resnets.add(shape, in, out);
    if (c.encoder_attends[level]) attentions.add(shape, out);
  }
  if (level + 1 < c.block_out_channels.size()) {
    downsampler.emplace(Place{this, "downsamplers.0.conv"}, halving(out));
  }
}

at::Tensor VaeDownBlock::operator()(at::Tensor x) const {
  for (size_t i = 0; i < resnets.size(); ++i) {
    x = resnets[i](x, {});
    if (!attentions.empty()) x = attentions[i](x, {});
  }
  return downsampler ? (*downsampler)(x) : x;
}

VaeEncoder::VaeEncoder(Place place, const VaeConfig& c)
    : Module(std::move(place)),
      conv_in({this, "conv_in"}, conv3x3(c.in_channels, c.block_out_channels.front())),
      down_blocks({this, "down_blocks"}),
      mid_block({this, "mid_block"}, shape_of_encoder(c), c.block_out_channels.back(),
                c.mid_block_add_attention),
      conv_norm_out({this, "conv_norm_out"}, shape_of_encoder(c), c.block_out_channels.back()),
      conv_out({this, "conv_out"}, conv3x3(c.block_out_channels.back(), c.latent_channels)) {
  for (size_t level = 0; level < c.block_out_channels.size(); ++level) down_blocks.add(c, level);
}

at::Tensor VaeEncoder::operator()(const at::Tensor& images) const {
  auto h = conv_in(images);
  for (size_t i = 0; i < down_blocks.size(); ++i) h = down_blocks[i](std::move(h));
  h = mid_block(std::move(h), {});
  return conv_out(conv_norm_out.then_silu(h, {}));
}

}  // namespace unclip
