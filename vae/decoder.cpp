#include "vae/decoder.h"

#include "kernels/tensor.h"

namespace unclip {
namespace {

VaeBlockShape shape_of_decoder(const VaeConfig& c) {
  return {.norm_groups = c.norm_num_groups, .norm = c.norm_type, .latent_channels = c.vq_embed_dim};
}

/// The width of the decoder's level, counted from the latent.
int64_t width_of_level(const VaeConfig& c, size_t level) {
  return c.block_out_channels[c.block_out_channels.size() - 1 - level];
}

}  // namespace

VaeUpBlock::VaeUpBlock(Place place, const VaeConfig& c, size_t level)
    : Module(std::move(place)), resnets({this, "resnets"}), attentions({this, "attentions"}) {
  const auto shape = shape_of_decoder(c);
  const auto out = width_of_level(c, level);
  for (int64_t i = 0; i < c.layers_per_block + 1; ++i) {
    resnets.add(shape, i > 0 ? out : width_of_level(c, level == 0 ? 0 : level - 1), out);
    if (c.decoder_attends[level]) attentions.add(shape, out);
  }
  if (level + 1 < c.block_out_channels.size()) {
    upsampler.emplace(Place{this, "upsamplers.0.conv"}, conv3x3(out, out));
  }
}

at::Tensor VaeUpBlock::operator()(at::Tensor x, const at::Tensor& z) const {
  for (size_t i = 0; i < resnets.size(); ++i) {
    x = resnets[i](x, z);
    if (!attentions.empty()) x = attentions[i](x, z);
  }
  if (!upsampler) return x;
  return (*upsampler)(ops::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
}

VaeDecoder::VaeDecoder(Place place, const VaeConfig& c)
    : Module(std::move(place)),
      conv_in({this, "conv_in"}, conv3x3(c.latent_channels, c.block_out_channels.back())),
      up_blocks({this, "up_blocks"}),
      mid_block({this, "mid_block"}, shape_of_decoder(c), c.block_out_channels.back(),
                c.mid_block_add_attention),
      conv_norm_out({this, "conv_norm_out"}, shape_of_decoder(c), c.block_out_channels.front()),
      conv_out({this, "conv_out"}, conv3x3(c.block_out_channels.front(), c.out_channels)) {
  for (size_t level = 0; level < c.block_out_channels.size(); ++level) up_blocks.add(c, level);
}

at::Tensor VaeDecoder::operator()(const at::Tensor& x, const at::Tensor& z) const {
  auto h = mid_block(conv_in(x), z);
  for (size_t i = 0; i < up_blocks.size(); ++i) h = up_blocks[i](std::move(h), z);
  return conv_out(conv_norm_out.then_silu(h, z));
}

}  // namespace unclip
