#include "unet/unet.h"

#include <c10/util/Exception.h>

#include "kernels/tensor.h"

namespace unclip {

UNet::UNet(const UNetConfig& c)
    : config_(c),
      conv_in({this, "conv_in"}, conv3x3(c.in_channels, c.block_out_channels.front())),
      time_embedding({this, "time_embedding"}, c.block_out_channels.front(), c.time_embedding_dim,
                     c.time_embedding_dim),
      down_blocks({this, "down_blocks"}),
      up_blocks({this, "up_blocks"}),
      mid_block({this, "mid_block"}, c),
      conv_norm_out({this, "conv_norm_out"}, c.norm_num_groups, c.block_out_channels.front(),
                    c.norm_eps),
      conv_out({this, "conv_out"}, conv3x3(c.block_out_channels.front(), c.out_channels)) {
  if (c.conditioning == Conditioning::kImage) {
    add_embedding.emplace(Place{this, "add_embedding"}, c.encoder_hid_dim, c.time_embedding_dim);
    encoder_hid_proj.emplace(Place{this, "encoder_hid_proj"}, c.encoder_hid_dim,
                             c.cross_attention_dim);
  }
  const auto& widths = c.block_out_channels;
  const auto levels = widths.size();
  for (size_t i = 0; i < levels; ++i) {
    down_blocks.add(c, LevelConfig{.in_channels = widths[i == 0 ? 0 : i - 1],
                                   .out_channels = widths[i],
                                   .kind = c.down_block_types[i],
                                   .resamples = i + 1 < levels});
  }
  for (size_t i = 0; i < levels; ++i) {
    const auto level = levels - 1 - i;
    up_blocks.add(c, LevelConfig{.in_channels = widths[i == 0 ? level : level + 1],
                                 .out_channels = widths[level],
                                 .skip_channels = widths[level == 0 ? 0 : level - 1],
                                 .kind = c.up_block_types[i],
                                 .resamples = level > 0});
  }
  visit([this](Module& module) {
    if (auto* resnet = dynamic_cast<ResnetBlock*>(&module)) {
      resnet->set_number(resnets_.size());
      resnets_.push_back(resnet);
      modulation_widths_.push_back(resnet->modulation_width());
    } else if (auto* attention = dynamic_cast<AttentionBlock*>(&module)) {
      attention->set_number(attentions_.size());
      attentions_.push_back(attention);
    }
  });
}

UNetContext UNet::condition(const at::Tensor& image_embedding) const {
  TORCH_CHECK(config_.conditioning == Conditioning::kImage,
              "condition() needs a U-Net that reads image embeddings");
  const auto z = image_embedding.to(time_embedding.scalar_type());
  return {.time_add = (*add_embedding)(z), .tokens = (*encoder_hid_proj)(z), .mask = {}};
}

UNetContext UNet::prepare(UNetContext context) const {
  context.seen.clear();
  for (const auto* block : attentions_) context.seen.push_back(block->keys_values(context.tokens));
  if (context.mask.defined()) {
    // Rows begin at multiples of 16 numbers; otherwise libtorch's attention on a GPU copies them to
    // that alignment.
    constexpr int64_t kAligned = 16;
    const auto tokens = context.mask.size(1), pixels = config_.sample_size * config_.sample_size;
    const auto length = (tokens + pixels + kAligned - 1) / kAligned * kAligned;
    context.bias.reset();
    context.bias = *context.bias_of(length - tokens, context.tokens.scalar_type());
  }
  return context;
}

at::Tensor UNet::encode_times(const at::Tensor& timesteps, const UNetContext& context) const {
  const bool conditioned = config_.conditioning != Conditioning::kNone;
  TORCH_CHECK(context.time_add.defined() == conditioned,
              "the context has a time_add if, and only if, the U-Net is conditioned");
  const auto sinusoid = sinusoids(timesteps.flatten(), config_.sinusoid());
  const auto type = time_embedding.scalar_type();
  auto time = time_embedding(sinusoid.to(type).unflatten(0, timesteps.sizes()));
  if (conditioned) time = time + context.time_add.unsqueeze(1);  // (B, S, E)

  std::vector<at::Tensor> modulations;
  for (auto* block : resnets_) modulations.push_back(block->modulation(time));
  return ops::cat(modulations, 2).transpose(0, 1).contiguous();  // (S, B, W)
}

at::Tensor UNet::forward(const at::Tensor& x, const at::Tensor& timesteps,
                         const UNetContext& context) const {
  return step(x, encode_times(timesteps.unsqueeze(1), context)[0], context);
}

at::Tensor UNet::step(const at::Tensor& x, const at::Tensor& time,
                      const UNetContext& context) const {
  const Modulations modulations = time.split_with_sizes(modulation_widths_, 1);

  auto h = conv_in(x);  // (B, C, H, W)
  std::vector<at::Tensor> skips{h};
  for (size_t i = 0; i < down_blocks.size(); ++i) {
    h = down_blocks[i](std::move(h), modulations, context, skips);
  }
  h = mid_block(std::move(h), modulations, context);
  for (size_t i = 0; i < up_blocks.size(); ++i) {
    h = up_blocks[i](std::move(h), modulations, context, skips);
  }
  return conv_out(conv_norm_out.then_silu(h));  // (B, C_out, H, W)
}

}  // namespace unclip
