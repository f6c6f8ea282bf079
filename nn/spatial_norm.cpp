#include "nn/spatial_norm.h"

#include <ATen/ATen.h>

#include "kernels/kernel.h"

namespace unclip {

SpatialNorm::SpatialNorm(Place place, const Shape& shape)
    : Module(std::move(place)),
      shape_(shape),
      weight(add_parameter("norm_layer.weight", at::empty({shape.channels}))),
      bias(add_parameter("norm_layer.bias", at::empty({shape.channels}))),
      conv_y({this, "conv_y"}, conv1x1(shape.z_channels, shape.channels)),
      conv_b({this, "conv_b"}, conv1x1(shape.z_channels, shape.channels)) {}

at::Tensor SpatialNorm::normalise(const at::Tensor& x, const at::Tensor& z, bool silu) const {
  static const auto spatial_norm =
      kernel<at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&, double,
                        const at::Tensor&, const at::Tensor&, bool)>("unclip::spatial_norm");
  return spatial_norm.call(x, shape_.groups, weight, bias, shape_.eps, conv_y(z), conv_b(z), silu);
}

at::Tensor SpatialNorm::operator()(const at::Tensor& x, const at::Tensor& z) const {
  return normalise(x, z, /*silu=*/false);
}

at::Tensor SpatialNorm::then_silu(const at::Tensor& x, const at::Tensor& z) const {
  return normalise(x, z, /*silu=*/true);
}

}  // namespace unclip
