#include "kernels/operators.h"

#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/library.h>

namespace unclip::kernels {

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

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias) {
  return at::linear(x, weight, bias);
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask) {
  return at::scaled_dot_product_attention(q, k, v, mask);
}

namespace {

bool needs_gradient(const at::Tensor& tensor) { return tensor.requires_grad(); }
bool needs_gradient(const std::optional<at::Tensor>& tensor) {
  return tensor && tensor->requires_grad();
}
bool needs_gradient(int64_t) { return false; }
bool needs_gradient(double) { return false; }
bool needs_gradient(bool) { return false; }

/// Where a gradient is wanted, what any device can do; else the device's own kernel.
template <auto kAnyDevice, const char* kName>
struct Differentiable;
template <class... Arguments, at::Tensor (*kAnyDevice)(Arguments...), const char* kName>
struct Differentiable<kAnyDevice, kName> {
  static at::Tensor call(Arguments... arguments) {
    if (at::GradMode::is_enabled() && (needs_gradient(arguments) || ...)) {
      return kAnyDevice(arguments...);
    }
    static const auto op =
        c10::Dispatcher::singleton().findSchemaOrThrow(kName, "").typed<at::Tensor(Arguments...)>();
    const at::AutoDispatchBelowADInplaceOrView below;
    return op.call(arguments...);
  }
};

constexpr char kConv3x3[] = "unclip::conv3x3";
constexpr char kGroupNorm[] = "unclip::group_norm";
constexpr char kLinear[] = "unclip::linear";
constexpr char kAttention[] = "unclip::attention";

}  // namespace

TORCH_LIBRARY(unclip, m) {
  m.def("conv3x3(Tensor x, Tensor weight, Tensor? bias, Tensor? residual) -> Tensor");
  m.def(
      "group_norm(Tensor x, int groups, Tensor weight, Tensor bias, float eps, "
      "Tensor? modulation, bool silu) -> Tensor");
  m.def("linear(Tensor x, Tensor weight, Tensor? bias) -> Tensor");
  m.def("attention(Tensor q, Tensor k, Tensor v, Tensor? mask) -> Tensor");
}

TORCH_LIBRARY_IMPL(unclip, CompositeExplicitAutograd, m) {
  m.impl("conv3x3", conv3x3);
  m.impl("group_norm", group_norm);
  m.impl("linear", linear);
  m.impl("attention", attention);
}

TORCH_LIBRARY_IMPL(unclip, Autograd, m) {
  m.impl("conv3x3", Differentiable<conv3x3, kConv3x3>::call);
  m.impl("group_norm", Differentiable<group_norm, kGroupNorm>::call);
  m.impl("linear", Differentiable<linear, kLinear>::call);
  m.impl("attention", Differentiable<attention, kAttention>::call);
}

}  // namespace unclip::kernels
