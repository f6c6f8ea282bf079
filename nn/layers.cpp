#include "nn/layers.h"

#include <ATen/ATen.h>
#include <sys/mman.h>

#include "kernels/kernel.h"

namespace unclip {
namespace {

using Maybe = std::optional<at::Tensor>;

Maybe maybe(const at::Tensor& tensor) {
  return tensor.defined() ? std::make_optional(tensor) : std::nullopt;
}

/// Uninitialized memory directly from the system. An allocator would count it as used, although
/// nothing touches it before the checkpoint's bytes replace it.
at::Tensor unfilled(at::IntArrayRef shape) {
  const auto bytes = c10::multiply_integers(shape) * sizeof(float);
  constexpr size_t kSmall = 1 << 16;
  if (bytes < kSmall) return at::empty(shape);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, /*fd=*/-1, 0);
  TORCH_CHECK(memory != MAP_FAILED, "no memory for ", bytes, " bytes");
  return at::from_blob(memory, shape, [bytes](void* p) { munmap(p, bytes); });
}

at::Tensor linear_kernel(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  static const auto linear =
      kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&)>("unclip::linear");
  return linear.call(x, weight, maybe(bias));
}

}  // namespace

Linear::Linear(Place place, int64_t in, int64_t out, Bias with_bias)
    : Module(std::move(place)), weight(add_parameter("weight", unfilled({out, in}))) {
  if (with_bias == Bias::kYes) bias = add_parameter("bias", at::empty({out}));
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return linear_kernel(x, weight, bias); }

ConvShape conv3x3(int64_t in, int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .padding = 1};
}
ConvShape conv1x1(int64_t in, int64_t out) { return {.in = in, .out = out, .kernel = 1}; }
ConvShape halving_conv3x3(int64_t in, int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .stride = 2, .padding_after = 1};
}
ConvShape patch_embedding(int64_t in, int64_t out, int64_t patch) {
  return {.in = in, .out = out, .kernel = patch, .stride = patch, .bias = Bias::kNo};
}

Conv2d::Conv2d(Place place, const ConvShape& shape)
    : Module(std::move(place)),
      shape_(shape),
      weight(add_parameter("weight", unfilled({shape.out, shape.in, shape.kernel, shape.kernel}))) {
  if (shape.bias == Bias::kYes) bias = add_parameter("bias", at::empty({shape.out}));
}

at::Tensor Conv2d::operator()(const at::Tensor& x, const at::Tensor& residual) const {
  if (shape_.kernel == 3 && shape_.stride == 1 && shape_.padding == 1 &&
      shape_.padding_after == 0) {
    static const auto conv3x3 =
        kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, const Maybe&)>(
            "unclip::conv3x3");
    return conv3x3.call(x, weight, maybe(bias), maybe(residual));
  }
  if (shape_.kernel == 1 && shape_.stride == 1 && shape_.padding == 0 &&
      shape_.padding_after == 0 && !residual.defined()) {
    const auto pixels = linear_kernel(x.permute({0, 2, 3, 1}), weight.flatten(1), bias);
    return pixels.permute({0, 3, 1, 2});  // (B, C_out, H, W), channels last
  }
  static const auto conv2d = kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&,
                                               int64_t, int64_t, int64_t)>("unclip::conv2d");
  const auto y =
      conv2d.call(x, weight, maybe(bias), shape_.stride, shape_.padding, shape_.padding_after);
  return residual.defined() ? y + residual : y;
}

LayerNorm::LayerNorm(Place place, int64_t width, double eps)
    : Module(std::move(place)),
      eps_(eps),
      weight(add_parameter("weight", at::empty({width}))),
      bias(add_parameter("bias", at::empty({width}))) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, eps_);
}

GroupNorm::GroupNorm(Place place, int64_t groups, int64_t channels, double eps)
    : Module(std::move(place)),
      groups_(groups),
      eps_(eps),
      weight(add_parameter("weight", at::empty({channels}))),
      bias(add_parameter("bias", at::empty({channels}))) {}

at::Tensor GroupNorm::normalise(const at::Tensor& x, const at::Tensor& modulation,
                                Then then) const {
  static const auto group_norm =
      kernel<at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&, double,
                        const Maybe&, bool)>("unclip::group_norm");
  return group_norm.call(x, groups_, weight, bias, eps_, maybe(modulation), then == Then::kSilu);
}

at::Tensor GroupNorm::operator()(const at::Tensor& x) const {
  return normalise(x, {}, Then::kNothing);
}

at::Tensor GroupNorm::then_silu(const at::Tensor& x, const at::Tensor& modulation) const {
  return normalise(x, modulation, Then::kSilu);
}

Embedding::Embedding(Place place, int64_t rows, int64_t width)
    : Module(std::move(place)), weight(add_parameter("weight", unfilled({rows, width}))) {}

at::Tensor Embedding::operator()(const at::Tensor& ids) const { return at::embedding(weight, ids); }

at::Tensor activate(const at::Tensor& x, Activation activation) {
  return activation == Activation::kQuickGelu ? x * at::sigmoid(1.702 * x) : at::gelu(x);
}

}  // namespace unclip
