#include "vae/vae_config.h"

#include <numeric>
#include <string>

#include "base/config.h"
#include "vae/vae_blocks.h"

namespace unclip {
namespace {

constexpr int64_t kMostChannels = 1 << 16;

/// Which of the levels have attention: each block type is `plain` or `attending`.
std::vector<bool> attending_levels(const Config& config, const std::string& key,
                                   const std::string& plain, const std::string& attending,
                                   size_t count) {
  const auto types = config.value_or<std::vector<std::string>>(key, {plain});
  if (types.size() != count) {
    config.fail_value(key, std::to_string(count) + " entries, as block_out_channels has");
  }
  std::vector<bool> attends;
  for (const auto& type : types) {
    if (type != plain && type != attending) {
      config.fail_value(key, "entries \"" + plain + "\" or \"" + attending + "\"");
    }
    attends.push_back(type == attending);
  }
  return attends;
}

/// norm_type is read already.
void check_channels(const Config& config, const VaeConfig& c) {
  if (c.block_out_channels.empty() || c.block_out_channels.size() > 16) {
    config.fail_value("block_out_channels", "a list of 1 to 16 widths");
  }
  const bool spatial = c.norm_type == VaeNorm::kSpatial;
  const auto unit = spatial ? std::lcm(c.norm_num_groups, kSpatialGroups) : c.norm_num_groups;
  for (const auto width : c.block_out_channels) {
    if (width >= 1 && width <= kMostChannels && width % unit == 0) continue;
    config.fail_value("block_out_channels", "positive multiples of " + std::to_string(unit) +
                                                ", for the groups of its norms");
  }
}

}  // namespace

VaeConfig VaeConfig::from(const Config& config) {
  config.expect("_class_name", "VQModel");
  config.expect("act_fn", "silu");
  config.expect<bool>("lookup_from_codebook", false);
  config.expect<bool>("force_upcast", false);
  VaeConfig c;
  c.in_channels = config.integer("in_channels", c.in_channels, 1, kMostChannels);
  c.out_channels = config.integer("out_channels", c.out_channels, 1, kMostChannels);
  c.latent_channels = config.integer("latent_channels", c.latent_channels, 1, kMostChannels);
  c.vq_embed_dim = config.integer("vq_embed_dim", c.latent_channels, 1, kMostChannels);
  c.num_vq_embeddings = config.integer("num_vq_embeddings", 256, 1, 1 << 24);
  c.block_out_channels = config.value_or<std::vector<int64_t>>("block_out_channels", {64});
  c.layers_per_block = config.integer("layers_per_block", c.layers_per_block, 1, 1 << 10);
  c.norm_num_groups = config.integer("norm_num_groups", c.norm_num_groups, 1, kMostChannels);
  c.norm_type = config.choice<VaeNorm>(
      "norm_type", {{"group", VaeNorm::kGroup}, {"spatial", VaeNorm::kSpatial}});
  check_channels(config, c);
  const auto levels = c.block_out_channels.size();
  c.encoder_attends = attending_levels(config, "down_block_types", "DownEncoderBlock2D",
                                       "AttnDownEncoderBlock2D", levels);
  c.decoder_attends = attending_levels(config, "up_block_types", "UpDecoderBlock2D",
                                       "AttnUpDecoderBlock2D", levels);
  c.mid_block_add_attention =
      config.value_or<bool>("mid_block_add_attention", c.mid_block_add_attention);
  return c;
}

}  // namespace unclip
