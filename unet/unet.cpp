#include "unet/unet.h"

#include <ATen/ATen.h>

namespace unclip {

UNetImpl::UNetImpl(const UNetConfig& c)
    : config_(c),
      conv_in(register_module("conv_in", conv3x3(c.in_channels, c.block_out_channels.front()))),
      time_embedding(register_module(
          "time_embedding", TimestepEmbedding(c.block_out_channels.front(), c.time_embedding_dim,
                                              c.time_embedding_dim))),
      down_blocks(register_module("down_blocks", torch::nn::ModuleList())),
      up_blocks(register_module("up_blocks", torch::nn::ModuleList())),
      mid_block(register_module("mid_block", MidBlock(c))),
      conv_norm_out(
          register_module("conv_norm_out",
                          group_norm(c.norm_num_groups, c.block_out_channels.front(), c.norm_eps))),
      conv_out(register_module("conv_out", conv3x3(c.block_out_channels.front(), c.out_channels))) {
  const auto& widths = c.block_out_channels;
  const auto levels = widths.size();
  for (size_t i = 0; i < levels; ++i) {
    down_blocks->push_back(DownBlock(c, LevelConfig{.in_channels = widths[i == 0 ? 0 : i - 1],
                                                    .out_channels = widths[i],
                                                    .kind = c.down_block_types[i],
                                                    .resamples = i + 1 < levels}));
  }
  for (size_t i = 0; i < levels; ++i) {
    const auto level = levels - 1 - i;
    up_blocks->push_back(UpBlock(c, LevelConfig{.in_channels = widths[i == 0 ? level : level + 1],
                                                .out_channels = widths[level],
                                                .skip_channels = widths[level == 0 ? 0 : level - 1],
                                                .kind = c.up_block_types[i],
                                                .resamples = level > 0}));
  }
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* block = module->as<ResnetBlock>()) {
      resnets_.push_back(block);
      modulation_widths_.push_back(block->modulation_width());
    }
  }
}

UNetContext UNetImpl::prepare(UNetContext context) {
  for (const auto& module : modules()) {
    if (auto* block = module->as<AttentionBlock>()) {
      context.seen[block] = block->keys_values(context.tokens);
    }
  }
  if (context.mask.defined()) {
    // Rows at multiples of 16 numbers: libtorch's attention on a GPU would else copy each to such.
    constexpr int64_t kAligned = 16;
    const auto tokens = context.mask.size(1), pixels = config_.sample_size * config_.sample_size;
    const auto length = (tokens + pixels + kAligned - 1) / kAligned * kAligned;
    context.bias.reset();
    context.bias = context.bias_of(length - tokens, context.tokens.scalar_type());
  }
  return context;
}

at::Tensor UNetImpl::encode_times(const at::Tensor& timesteps, const UNetContext& context) {
  TORCH_CHECK(context.time_add.defined() == config_.class_embed,
              "the context's time_add must come with class_embed_type");
  const auto sinusoid = sinusoids(timesteps.flatten(), config_.sinusoid());
  const auto type = time_embedding->parameters().front().scalar_type();
  auto time = time_embedding(sinusoid.to(type).unflatten(0, timesteps.sizes()));
  if (config_.class_embed) time = time + context.time_add.unsqueeze(1);  // (B, S, E)

  std::vector<at::Tensor> modulations;
  for (auto* block : resnets_) modulations.push_back(block->modulation(time));
  return at::cat(modulations, 2).transpose(0, 1).contiguous();  // (S, B, W)
}

at::Tensor UNetImpl::forward(const at::Tensor& x, const at::Tensor& timesteps,
                             const UNetContext& context) {
  return step(x, encode_times(timesteps.unsqueeze(1), context)[0], context);
}

at::Tensor UNetImpl::step(const at::Tensor& x, const at::Tensor& all, const UNetContext& context) {
  const auto parts = all.split_with_sizes(modulation_widths_, 1);
  Modulations time;
  for (size_t i = 0; i < parts.size(); ++i) time[resnets_[i]] = parts[i];

  auto h = conv_in(x);  // (B, C, H, W)
  std::vector<at::Tensor> skips{h};
  for (const auto& block : *down_blocks) {
    h = block->as<DownBlock>()->forward(std::move(h), time, context, skips);
  }
  h = mid_block(h, time, context);
  for (const auto& block : *up_blocks) {
    h = block->as<UpBlock>()->forward(std::move(h), time, context, skips);
  }
  return conv_out(conv_norm_out->then_silu(h));  // (B, C_out, H, W)
}

}  // namespace unclip
