#pragma once

#include <optional>

#include "nn/layers.h"
#include "nn/spatial_norm.h"
#include "vae/vae_config.h"

namespace unclip {

/// What the blocks of an encoder or a decoder have in common.
struct VaeBlockShape {
  int64_t norm_groups;
  VaeNorm norm;
  int64_t latent_channels;  // of VaeNorm::kSpatial
};

/// The groups of a spatial norm, whatever the config's norm_num_groups is.
constexpr int64_t kSpatialGroups = 32;

/// One of both normalisations. `z` is not read by group normalisation.
class VaeNormalisation {
 public:
  VaeNormalisation(Place place, const VaeBlockShape& shape, int64_t channels);
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& z) const;
  at::Tensor then_silu(const at::Tensor& x, const at::Tensor& z) const;

 private:
  std::optional<GroupNorm> group_;
  std::optional<SpatialNorm> spatial_;
};

/// Two 3x3 convolutions, each after a normalisation and SiLU, and a skip connection.
class VaeResnetBlock : public Module {
 public:
  VaeResnetBlock(Place place, const VaeBlockShape& shape, int64_t in_channels,
                 int64_t out_channels);
  /// x (B, C_in, H, W) -> (B, C_out, H, W)
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& z) const;

 private:
  VaeNormalisation norm1;
  Conv2d conv1;
  VaeNormalisation norm2;
  Conv2d conv2;
  std::optional<Conv2d> conv_shortcut;  // only if the widths differ
};

/// Pixels attend to each other, with one head. x (B, C, H, W) -> the same
class VaeAttention : public Module {
 public:
  VaeAttention(Place place, const VaeBlockShape& shape, int64_t channels);
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& z) const;

 private:
  VaeNormalisation norm;
  Linear to_q, to_k, to_v;
  ModuleList<Linear> to_out;  // one
};

/// Residual block, attention if the config has it, residual block.
class VaeMidBlock : public Module {
 public:
  VaeMidBlock(Place place, const VaeBlockShape& shape, int64_t channels, bool attends);
  at::Tensor operator()(at::Tensor x, const at::Tensor& z) const;

 private:
  ModuleList<VaeAttention> attentions;  // empty, or one
  ModuleList<VaeResnetBlock> resnets;   // two
};

}  // namespace unclip
