#include "kernels/operators.h"

#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/library.h>

namespace unclip::kernels {

namespace {

bool needs_gradient(const at::Tensor& tensor) { return tensor.requires_grad(); }
bool needs_gradient(const std::optional<at::Tensor>& tensor) {
  return tensor && tensor->requires_grad();
}
bool needs_gradient(int64_t) { return false; }
bool needs_gradient(double) { return false; }
bool needs_gradient(bool) { return false; }

/// Calls the implementation for any device if gradients are needed, otherwise the device's own
/// kernel.
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

constexpr char kConv2d[] = "unclip::conv2d";
constexpr char kConv3x3[] = "unclip::conv3x3";
constexpr char kGroupNorm[] = "unclip::group_norm";
constexpr char kSpatialNorm[] = "unclip::spatial_norm";
constexpr char kLinear[] = "unclip::linear";
constexpr char kAttention[] = "unclip::attention";
constexpr char kGuide[] = "unclip::guide";
constexpr char kPredictX0[] = "unclip::predict_x0";
constexpr char kAncestralStep[] = "unclip::ancestral_step";

}  // namespace

TORCH_LIBRARY(unclip, m) {
  m.def(
      "conv2d(Tensor x, Tensor weight, Tensor? bias, int stride, int padding, int padding_after) "
      "-> Tensor");
  m.def("conv3x3(Tensor x, Tensor weight, Tensor? bias, Tensor? residual) -> Tensor");
  m.def(
      "group_norm(Tensor x, int groups, Tensor weight, Tensor bias, float eps, "
      "Tensor? modulation, bool silu) -> Tensor");
  m.def(
      "spatial_norm(Tensor x, int groups, Tensor weight, Tensor bias, float eps, Tensor scale, "
      "Tensor shift, bool silu) -> Tensor");
  m.def("linear(Tensor x, Tensor weight, Tensor? bias) -> Tensor");
  m.def("attention(Tensor q, Tensor k, Tensor v, Tensor? mask) -> Tensor");
  m.def("guide(Tensor both, int channels, float scale) -> Tensor");
  m.def(
      "predict_x0(Tensor prediction, Tensor x_t, float x_t_factor, float prediction_factor, "
      "float divisor, float clip) -> Tensor");
  m.def(
      "ancestral_step(Tensor x_0, Tensor x_t, Tensor? noise, Tensor? f, float x_0_factor, "
      "float x_t_factor, float deviation, float log_smallest, float log_largest) -> Tensor");
}

TORCH_LIBRARY_IMPL(unclip, CompositeExplicitAutograd, m) {
  m.impl("conv2d", conv2d);
  m.impl("conv3x3", conv3x3);
  m.impl("group_norm", group_norm);
  m.impl("spatial_norm", spatial_norm);
  m.impl("linear", linear);
  m.impl("attention", attention);
  m.impl("guide", guide);
  m.impl("predict_x0", predict_x0);
  m.impl("ancestral_step", ancestral_step);
}

TORCH_LIBRARY_IMPL(unclip, Autograd, m) {
  m.impl("conv2d", Differentiable<conv2d, kConv2d>::call);
  m.impl("conv3x3", Differentiable<conv3x3, kConv3x3>::call);
  m.impl("group_norm", Differentiable<group_norm, kGroupNorm>::call);
  m.impl("spatial_norm", Differentiable<spatial_norm, kSpatialNorm>::call);
  m.impl("linear", Differentiable<linear, kLinear>::call);
  m.impl("attention", Differentiable<attention, kAttention>::call);
  m.impl("guide", Differentiable<guide, kGuide>::call);
  m.impl("predict_x0", Differentiable<predict_x0, kPredictX0>::call);
  m.impl("ancestral_step", Differentiable<ancestral_step, kAncestralStep>::call);
}

}  // namespace unclip::kernels
