#include "core/layers.h"

#include <ATen/ATen.h>
#include <sys/mman.h>

#include "core/kernel.h"

namespace unclip {
namespace {

using Maybe = std::optional<at::Tensor>;

Maybe maybe(const at::Tensor& tensor) {
  return tensor.defined() ? std::make_optional(tensor) : std::nullopt;
}

/// A parameter's place: of the system's own memory, for an allocator would count as used what
/// nobody touches before the checkpoint's bytes take its place.
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

LinearImpl::LinearImpl(int64_t in, int64_t out, Bias with_bias)
    : weight(register_parameter("weight", unfilled({out, in}))) {
  if (with_bias == Bias::kYes) bias = register_parameter("bias", at::empty({out}));
}

at::Tensor LinearImpl::forward(const at::Tensor& x) const { return linear_kernel(x, weight, bias); }

Conv2dImpl::Conv2dImpl(const ConvShape& shape)
    : shape_(shape),
      weight(register_parameter("weight",
                                unfilled({shape.out, shape.in, shape.kernel, shape.kernel}))) {
  if (shape.bias == LinearImpl::Bias::kYes) {
    bias = register_parameter("bias", at::empty({shape.out}));
  }
}

at::Tensor Conv2dImpl::forward(const at::Tensor& x, const at::Tensor& residual) const {
  if (shape_.kernel == 3 && shape_.stride == 1 && shape_.padding == 1) {
    static const auto conv3x3 =
        kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, const Maybe&)>(
            "unclip::conv3x3");
    return conv3x3.call(x, weight, maybe(bias), maybe(residual));
  }
  if (shape_.kernel == 1 && shape_.stride == 1 && shape_.padding == 0 && !residual.defined()) {
    const auto pixels = linear_kernel(x.permute({0, 2, 3, 1}), weight.flatten(1), bias);
    return pixels.permute({0, 3, 1, 2});  // (B, C_out, H, W), channels last
  }
  static const auto conv2d =
      kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const Maybe&, int64_t, int64_t)>(
          "unclip::conv2d");
  const auto y = conv2d.call(x, weight, maybe(bias), shape_.stride, shape_.padding);
  return residual.defined() ? y + residual : y;
}

LayerNormImpl::LayerNormImpl(int64_t width, double eps)
    : eps_(eps),
      weight(register_parameter("weight", at::empty({width}))),
      bias(register_parameter("bias", at::empty({width}))) {}

at::Tensor LayerNormImpl::forward(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, eps_);
}

GroupNormImpl::GroupNormImpl(int64_t groups, int64_t channels, double eps)
    : groups_(groups),
      eps_(eps),
      weight(register_parameter("weight", at::empty({channels}))),
      bias(register_parameter("bias", at::empty({channels}))) {}

at::Tensor GroupNormImpl::normalised(const at::Tensor& x, const at::Tensor& modulation,
                                     Then then) const {
  static const auto group_norm =
      kernel<at::Tensor(const at::Tensor&, int64_t, const at::Tensor&, const at::Tensor&, double,
                        const Maybe&, bool)>("unclip::group_norm");
  return group_norm.call(x, groups_, weight, bias, eps_, maybe(modulation), then == Then::kSilu);
}

at::Tensor GroupNormImpl::forward(const at::Tensor& x) const {
  return normalised(x, {}, Then::kNothing);
}

at::Tensor GroupNormImpl::then_silu(const at::Tensor& x, const at::Tensor& modulation) const {
  return normalised(x, modulation, Then::kSilu);
}

EmbeddingImpl::EmbeddingImpl(int64_t rows, int64_t width)
    : weight(register_parameter("weight", unfilled({rows, width}))) {}

at::Tensor EmbeddingImpl::forward(const at::Tensor& ids) const {
  return at::embedding(weight, ids);
}

Linear linear(int64_t in, int64_t out) { return Linear(in, out); }
Linear linear_without_bias(int64_t in, int64_t out) {
  return Linear(in, out, LinearImpl::Bias::kNo);
}
Conv2d conv3x3(int64_t in, int64_t out) {
  return Conv2d(ConvShape{.in = in, .out = out, .kernel = 3, .padding = 1});
}
Conv2d conv1x1(int64_t in, int64_t out) {
  return Conv2d(ConvShape{.in = in, .out = out, .kernel = 1});
}
Conv2d patch_embedding(int64_t in, int64_t out, int64_t patch) {
  return Conv2d(ConvShape{
      .in = in, .out = out, .kernel = patch, .stride = patch, .bias = LinearImpl::Bias::kNo});
}
LayerNorm layer_norm(int64_t width, double eps) { return LayerNorm(width, eps); }
GroupNorm group_norm(int64_t groups, int64_t channels, double eps) {
  return GroupNorm(groups, channels, eps);
}
Embedding embedding(int64_t rows, int64_t width) { return Embedding(rows, width); }

at::Tensor activate(const at::Tensor& x, Activation activation) {
  return activation == Activation::kQuickGelu ? x * at::sigmoid(1.702 * x) : at::gelu(x);
}

}  // namespace unclip
