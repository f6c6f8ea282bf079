#pragma once

#include <cstdint>
#include <vector>

#include "nn/timestep_embedding.h"

namespace unclip {

class Config;

enum class BlockKind { kResnet, kCrossAttention };
/// How a residual block applies the timestep: by adding it, or as scale and shift of its second
/// norm.
enum class TimeScaleShift { kDefault, kScaleShift };
/// What a U-Net is conditioned on besides the timestep and the tokens that it is given.
enum class Conditioning {
  kNone,
  kClass,  // class_embed_type "identity": a vector is added to the time embedding
  kImage,  // an image embedding, from which its own modules make such a vector and the tokens:
           // addition_embed_type "image", encoder_hid_dim_type "image_proj"
};

/// The config.json of a U-Net with conditions (UNet2DConditionModel) or without (UNet2DModel); the
/// fields bear the JSON's names.
struct UNetConfig {
  int64_t sample_size = 0;  // side of the square images that it is made for
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  std::vector<int64_t> block_out_channels;
  std::vector<BlockKind> down_block_types;
  BlockKind mid_block_type = BlockKind::kResnet;
  std::vector<BlockKind> up_block_types;
  int64_t layers_per_block = 2;
  int64_t norm_num_groups = 32;
  double norm_eps = 1e-5;
  int64_t attention_head_dim = 8;      // K, the width of a head
  int64_t cross_attention_dim = 1280;  // of the context
  TimeScaleShift resnet_time_scale_shift = TimeScaleShift::kDefault;
  Conditioning conditioning = Conditioning::kNone;
  int64_t encoder_hid_dim = 0;  // D of the image embedding, with Conditioning::kImage
  bool flip_sin_to_cos = true;
  double freq_shift = 0;
  int64_t time_embedding_dim = 0;  // if absent, 4 block_out_channels[0]

  SinusoidConfig sinusoid() const {
    return {block_out_channels.front(), flip_sin_to_cos, freq_shift};
  }
  /// Whether a level has attention. Levels are counted from the largest image.
  bool attends(size_t level) const;

  static UNetConfig from(const Config& config);
};

}  // namespace unclip
