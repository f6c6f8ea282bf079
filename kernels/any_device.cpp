#include <ATen/ATen.h>

#include <cmath>

#include "kernels/kernel.h"
#include "kernels/operators.h"

namespace unclip::kernels {

at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias, int64_t stride, int64_t padding,
                  int64_t padding_after) {
  if (padding_after == 0) return at::conv2d(x, weight, bias, stride, padding);
  // libtorch pads both sides equally. A padding larger by whole strides before x only adds rows and
  // columns in front of the result, which are cut off; copying x to a padded tensor takes longer.
  const auto more = (padding_after + stride - 1) / stride;  // strides
  const auto y = at::conv2d(x, weight, bias, stride, padding + more * stride);
  const auto size = [&](int64_t dim) {
    return (x.size(dim) + 2 * padding + padding_after - weight.size(dim)) / stride + 1;
  };
  return y.narrow(2, more, size(2))
      .narrow(3, more, size(3))
      .contiguous(y.suggest_memory_format());  // (B, C_out, H', W')
}

at::Tensor conv3x3(const at::Tensor& x, const at::Tensor& weight,
                   const std::optional<at::Tensor>& bias,
                   const std::optional<at::Tensor>& residual) {
  const auto y = at::conv2d(x, weight, bias, /*stride=*/1, /*padding=*/1);
  return residual ? y + *residual : y;
}

at::Tensor group_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                      const at::Tensor& bias, double eps,
                      const std::optional<at::Tensor>& modulation, bool silu) {
  auto h = at::group_norm(x, groups, weight, bias, eps);
  if (modulation) {
    std::vector<int64_t> shape(x.dim(), 1);
    shape[0] = x.size(0);
    shape[1] = x.size(1);
    const auto parts = modulation->chunk(2, 1);
    h = h * (1 + parts[0].reshape(shape)) + parts[1].reshape(shape);
  }
  return silu ? at::silu(h) : h;
}

void expect_spatial_shapes(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift) {
  TORCH_CHECK(x.dim() == 4 && scale.dim() == 4 && scale.sizes() == shift.sizes() &&
                  scale.size(0) == x.size(0) && scale.size(1) == x.size(1) && scale.size(2) > 0 &&
                  scale.size(3) > 0 && x.size(2) % scale.size(2) == 0 &&
                  x.size(3) % scale.size(3) == 0,
              "spatial_norm: x ", x.sizes(), ", scale ", scale.sizes(), ", shift ", shift.sizes());
}

at::Tensor spatial_norm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                        const at::Tensor& bias, double eps, const at::Tensor& scale,
                        const at::Tensor& shift, bool silu) {
  expect_spatial_shapes(x, scale, shift);
  // By its name, so that the device's own kernel normalises.
  static const auto group_norm =
      kernel<at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&, double,
                        const std::optional<at::Tensor>&, bool)>("unclip::group_norm");
  const auto height = scale.size(2), width = scale.size(3);
  const auto h = group_norm.call(x, groups, weight, bias, eps, std::nullopt, /*silu=*/false)
                     .unflatten(3, {width, x.size(3) / width})
                     .unflatten(2, {height, x.size(2) / height});  // (B, C, h, H / h, w, W / w)
  const auto repeated = [](const at::Tensor& each) { return each.unsqueeze(3).unsqueeze(5); };
  const auto y = (h * repeated(scale) + repeated(shift)).flatten(4, 5).flatten(2, 3);
  return silu ? at::silu(y) : y;  // (B, C, H, W)
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias) {
  return at::linear(x, weight, bias);
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask) {
  return at::scaled_dot_product_attention(q, k, v, mask);
}

at::Tensor guide(const at::Tensor& both, int64_t channels, double scale) {
  const auto rows = both.size(0) / 2;
  const auto u = both.narrow(0, 0, rows), c = both.narrow(0, rows, rows);
  const auto u_x = u.narrow(1, 0, channels);
  const auto mixed = u_x + scale * (c.narrow(1, 0, channels) - u_x);
  if (c.size(1) == channels) return mixed;
  return at::cat({mixed, c.narrow(1, channels, c.size(1) - channels)}, 1);
}

at::Tensor predict_x0(const at::Tensor& prediction, const at::Tensor& x_t, double x_t_factor,
                      double prediction_factor, double divisor, double clip) {
  const auto times = [](double factor, const at::Tensor& x) {
    return factor == 1 ? x : factor * x;
  };
  auto x_0 = times(prediction_factor, prediction);
  if (x_t_factor != 0) x_0 = times(x_t_factor, x_t) + x_0;
  if (divisor != 1) x_0 = x_0 / divisor;
  return std::isinf(clip) ? x_0 : x_0.clamp(-clip, clip);
}

at::Tensor ancestral_step(const at::Tensor& x_0, const at::Tensor& x_t,
                          const std::optional<at::Tensor>& noise,
                          const std::optional<at::Tensor>& f, double x_0_factor, double x_t_factor,
                          double deviation, double log_smallest, double log_largest) {
  const auto mean = x_0_factor * x_0 + x_t_factor * x_t;
  if (!noise) return mean;
  if (!f) return mean + deviation * *noise;
  const auto part = (*f + 1) / 2;
  return mean + (0.5 * (part * log_largest + (1 - part) * log_smallest)).exp() * *noise;
}

}  // namespace unclip::kernels
