#pragma once

#include "nn/layers.h"

namespace unclip {

/// Group normalisation whose scale and shift depend on the place in the image: they are 1x1
/// convolutions of the latent z, enlarged to the size of x by repeating each pixel,
///   SpatialNorm(x, z) = scale(z) GroupNorm(x) + shift(z).
/// The convolutions are computed at the size of z, which gives the same numbers.
/// Zheng et al. 2022, https://arxiv.org/abs/2209.09002
class SpatialNorm : public Module {
 public:
  /// The widths: `channels` of x, `z_channels` of z.
  struct Shape {
    int64_t groups, channels, z_channels;
    double eps = 1e-6;
  };
  SpatialNorm(Place place, const Shape& shape);
  /// x (B, channels, H, W), z (B, z_channels, h, w) -> (B, channels, H, W); h divides H, w divides
  /// W
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& z) const;
  /// SiLU of the same.
  at::Tensor then_silu(const at::Tensor& x, const at::Tensor& z) const;

 private:
  at::Tensor normalise(const at::Tensor& x, const at::Tensor& z, bool silu) const;

  Shape shape_;
  at::Tensor weight, bias;  // of the group normalisation
  Conv2d conv_y, conv_b;    // scale(z) and shift(z)
};

}  // namespace unclip
