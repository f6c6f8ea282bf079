#include "unet/unet_config.h"

#include <string>

#include "base/config.h"

namespace unclip {
namespace {

constexpr int64_t kMost = 1 << 16;

/// The block types that are implemented; a U-Net without context has no cross-attention.
struct BlockNames {
  std::string resnet, cross_attention;
};

std::vector<BlockKind> block_kinds(const Config& config, const std::string& key,
                                   const BlockNames& names, size_t count) {
  const auto found = config.require<std::vector<std::string>>(key);
  if (found.size() != count) {
    config.fail_value(key, std::to_string(count) + " entries, as block_out_channels has");
  }
  std::vector<BlockKind> kinds;
  for (const auto& name : found) {
    if (name == names.resnet) {
      kinds.push_back(BlockKind::kResnet);
    } else if (!names.cross_attention.empty() && name == names.cross_attention) {
      kinds.push_back(BlockKind::kCrossAttention);
    } else {
      const auto other =
          names.cross_attention.empty() ? "" : " and \"" + names.cross_attention + "\"";
      fail(config.name(), ": '", key, "' holds \"", name.substr(0, 100), "\"; only \"",
           names.resnet, "\"", other, " are implemented");
    }
  }
  return kinds;
}

/// Checks the keys of both classes for which only one value is implemented.
void expect_common(const Config& config) {
  config.expect("act_fn", "silu");
  config.expect("time_embedding_type", "positional");
  config.expect<bool>("center_input_sample", false);
  config.expect<double>("mid_block_scale_factor", 1.0);
  config.expect<int64_t>("downsample_padding", 1);
  config.expect_absent("num_class_embeds");
}

void expect_conditional(const Config& config) {
  for (const auto* key :
       {"dual_cross_attention", "use_linear_projection", "only_cross_attention", "upcast_attention",
        "resnet_skip_time_act", "class_embeddings_concat", "mid_block_only_cross_attention"}) {
    config.expect<bool>(key, false);
  }
  for (const auto* key : {"num_attention_heads", "time_embedding_act_fn", "timestep_post_act",
                          "time_cond_proj_dim", "cross_attention_norm"}) {
    config.expect_absent(key);
  }
  config.expect<double>("resnet_out_scale_factor", 1.0);
  config.expect<int64_t>("conv_in_kernel", 3);
  config.expect<int64_t>("conv_out_kernel", 3);
  config.expect("attention_type", "default");
}

void read_blocks(const Config& config, bool conditional, UNetConfig& c) {
  const auto count = c.block_out_channels.size();
  const auto cross = [&](const char* name) { return conditional ? name : ""; };
  c.down_block_types =
      block_kinds(config, "down_block_types",
                  {"ResnetDownsampleBlock2D", cross("SimpleCrossAttnDownBlock2D")}, count);
  c.up_block_types =
      block_kinds(config, "up_block_types",
                  {"ResnetUpsampleBlock2D", cross("SimpleCrossAttnUpBlock2D")}, count);
  if (conditional) {
    config.expect("mid_block_type", "UNetMidBlock2DSimpleCrossAttn");
    if (!config.has("mid_block_type")) config.require<std::string>("mid_block_type");
    c.mid_block_type = BlockKind::kCrossAttention;
  } else {
    config.expect("mid_block_type", "UNetMidBlock2D");
    // The published default is true, so an absent key means that there is attention.
    if (config.value_or<bool>("add_attention", true)) {
      fail(config.name(), ": 'add_attention' is ", config.has("add_attention") ? "true" : "absent",
           ", which means true; only false is implemented");
    }
  }
}

Conditioning read_conditioning(const Config& config, UNetConfig& c) {
  config.expect("class_embed_type", "identity");
  config.expect("encoder_hid_dim_type", "image_proj");
  config.expect("addition_embed_type", "image");
  const bool of_image = config.has("encoder_hid_dim_type");
  if (of_image != config.has("addition_embed_type")) {
    config.fail_value(of_image ? "addition_embed_type" : "encoder_hid_dim_type",
                      of_image ? "\"image\", as encoder_hid_dim_type is \"image_proj\""
                               : "\"image_proj\", as addition_embed_type is \"image\"");
  }
  if (!of_image) {
    config.expect_absent("encoder_hid_dim");
    return config.has("class_embed_type") ? Conditioning::kClass : Conditioning::kNone;
  }
  config.expect_absent("class_embed_type");
  config.require<int64_t>("encoder_hid_dim");
  c.encoder_hid_dim = config.integer("encoder_hid_dim", 0, 1, kMost);
  return Conditioning::kImage;
}

void check_widths(const Config& config, const UNetConfig& c) {
  for (size_t i = 0; i < c.block_out_channels.size(); ++i) {
    const auto width = c.block_out_channels[i];
    if (width < 1 || width > kMost || width % c.norm_num_groups != 0) {
      config.fail_value("block_out_channels", "positive multiples of norm_num_groups " +
                                                  std::to_string(c.norm_num_groups));
    }
    if (c.attends(i) && width % c.attention_head_dim != 0) {
      config.fail_value("attention_head_dim",
                        "a divisor of the attending width " + std::to_string(width));
    }
  }
  if (c.block_out_channels.front() % 2 != 0) {
    config.fail_value("block_out_channels", "an even first entry");
  }
}

}  // namespace

bool UNetConfig::attends(size_t level) const {
  const auto levels = block_out_channels.size();
  const auto is_cross = [](BlockKind kind) { return kind == BlockKind::kCrossAttention; };
  return is_cross(down_block_types[level]) || is_cross(up_block_types[levels - 1 - level]) ||
         (level + 1 == levels && is_cross(mid_block_type));
}

UNetConfig UNetConfig::from(const Config& config) {
  const bool conditional =
      config.choice<bool>("_class_name", {{"UNet2DConditionModel", true}, {"UNet2DModel", false}});
  expect_common(config);
  if (conditional) expect_conditional(config);

  UNetConfig c;
  c.sample_size = config.integer("sample_size", c.sample_size, 0, kMost);
  c.in_channels = config.integer("in_channels", conditional ? 4 : 3, 1, kMost);
  c.out_channels = config.integer("out_channels", conditional ? 4 : 3, 1, kMost);
  c.block_out_channels = config.require<std::vector<int64_t>>("block_out_channels");
  if (c.block_out_channels.empty() || c.block_out_channels.size() > 16) {
    config.fail_value("block_out_channels", "a list of 1 to 16 widths");
  }
  c.layers_per_block = config.integer("layers_per_block", c.layers_per_block, 1, 1 << 10);
  c.norm_num_groups = config.integer("norm_num_groups", c.norm_num_groups, 1, kMost);
  c.norm_eps = config.value_or<double>("norm_eps", c.norm_eps);
  c.attention_head_dim = config.integer("attention_head_dim", c.attention_head_dim, 1, kMost);
  c.cross_attention_dim = config.integer("cross_attention_dim", c.cross_attention_dim, 1, kMost);
  c.resnet_time_scale_shift = config.choice<TimeScaleShift>(
      "resnet_time_scale_shift",
      {{"default", TimeScaleShift::kDefault}, {"scale_shift", TimeScaleShift::kScaleShift}});
  c.conditioning = read_conditioning(config, c);
  c.flip_sin_to_cos = config.value_or<bool>("flip_sin_to_cos", c.flip_sin_to_cos);
  c.freq_shift = config.value_or<double>("freq_shift", c.freq_shift);
  read_blocks(config, conditional, c);
  check_widths(config, c);
  c.time_embedding_dim =
      config.integer("time_embedding_dim", 4 * c.block_out_channels.front(), 1, 8 * kMost);
  return c;
}

}  // namespace unclip
