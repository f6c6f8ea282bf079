#include "kernels/operators.h"

#include <ATen/ATen.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include <map>
#include <mutex>
#include <tuple>

#include "kernels/cuda/kernels.h"

// unclip's operators on a CUDA device: decides which calls the kernels handle. All others, and
// linear and attention, use libtorch's.

namespace unclip::kernels {
namespace {

constexpr int64_t kVector = 8;  // numbers that a thread has at a time

bool is_aligned(const at::Tensor& tensor) {
  constexpr uintptr_t kAccess = 16;
  return reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) % kAccess == 0;
}

bool is_of_pixels(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.scalar_type() == type && tensor.dim() == 4 &&
         tensor.is_contiguous(at::MemoryFormat::ChannelsLast) && is_aligned(tensor);
}

bool is_of_channels(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.scalar_type() == type && tensor.is_contiguous() && is_aligned(tensor);
}

/// Rows of a matrix, or a part of each.
bool is_of_rows(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.scalar_type() == type && tensor.dim() == 2 && tensor.stride(1) == 1 &&
         tensor.stride(0) % kVector == 0 && is_aligned(tensor);
}

/// Pointer to a tensor's first number, in the form for a kernel; null if there is no tensor.
template <class T>
const T* data_of(const std::optional<at::Tensor>& tensor) {
  return tensor ? static_cast<const T*>(tensor->const_data_ptr()) : nullptr;
}

/// Whether the kernels support the type.
bool is_known(at::ScalarType type) {
  return type == at::kFloat || type == at::kHalf || type == at::kBFloat16;
}

/// launch(T()) for such a type.
template <class Launch>
void of_type(at::ScalarType type, const Launch& launch) {
  switch (type) {
    case at::kFloat:
      return launch(float());
    case at::kHalf:
      return launch(c10::Half());
    case at::kBFloat16:
      return launch(c10::BFloat16());
    default:
      TORCH_CHECK(false, "no kernel for ", type);
  }
}

void expect_launched(const char* kernel, Failure failure) {
  TORCH_CHECK(failure == nullptr, "unclip::", kernel, ": ", failure);
}

Stream stream() { return c10::cuda::getCurrentCUDAStream(); }

int attribute(cudaDeviceAttr name, int device) {
  int value = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&value, name, device));
  return value;
}

DeviceLimits limits(int device) {
  return {.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, device),
          .shared_bytes_per_block = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
          .shared_bytes_per_multiprocessor =
              attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor, device),
          .blocks_per_multiprocessor = attribute(cudaDevAttrMaxBlocksPerMultiprocessor, device)};
}

/// The current device's plan for a shape, made once.
template <class T>
std::optional<GroupNormPlan> plan_of(const GroupNormShape& shape) {
  using Key = std::tuple<int, int64_t, int64_t, int64_t, int64_t>;
  static std::mutex mutex;
  static std::map<Key, std::optional<GroupNormPlan>> plans;
  const int device = c10::cuda::current_device();
  const std::lock_guard lock(mutex);
  const Key key{device, shape.batch, shape.pixels, shape.channels, shape.groups};
  const auto known = plans.find(key);
  if (known != plans.end()) return known->second;
  std::optional<GroupNormPlan> plan;
  expect_launched("group_norm", plan_group_norm_here<T>(shape, limits(device), plan));
  return plans[key] = plan;
}

at::Tensor group_norm_cuda(const at::Tensor& x_any, int64_t groups, const at::Tensor& weight,
                           const at::Tensor& bias, double eps,
                           const std::optional<at::Tensor>& modulation, bool with_silu) {
  const auto general = [&] {
    return group_norm(x_any, groups, weight, bias, eps, modulation, with_silu);
  };
  const auto type = x_any.scalar_type();
  if (!is_known(type) || x_any.dim() != 4 || x_any.numel() == 0) return general();
  const c10::cuda::CUDAGuard guard(x_any.device());
  const auto x = x_any.contiguous(at::MemoryFormat::ChannelsLast);
  if (!is_of_pixels(x, type) || !is_of_channels(weight, type) || !is_of_channels(bias, type) ||
      (modulation && !is_of_rows(*modulation, type))) {
    return general();
  }
  const GroupNormShape shape{.batch = x.size(0),
                             .pixels = x.size(2) * x.size(3),
                             .channels = x.size(1),
                             .groups = groups,
                             .element_size = x.element_size()};
  TORCH_CHECK(weight.numel() == shape.channels && bias.numel() == shape.channels &&
                  (!modulation || modulation->numel() == 2 * shape.batch * shape.channels),
              "group_norm: x ", x.sizes(), ", weight ", weight.sizes(), ", bias ", bias.sizes());
  at::Tensor y;
  of_type(type, [&]<class T>(T) {
    const auto plan = plan_of<T>(shape);
    if (!plan) return;
    y = at::empty_like(x);
    const auto workspace = at::empty({plan->workspace_floats}, x.options().dtype(at::kFloat));
    expect_launched("group_norm", launch_group_norm<T>(
                                      {.plan = *plan,
                                       .pixels = shape.pixels,
                                       .channels = static_cast<int>(shape.channels),
                                       .groups = static_cast<int>(groups),
                                       .x = data_of<T>(x),
                                       .weight = data_of<T>(weight),
                                       .bias = data_of<T>(bias),
                                       .modulation = data_of<T>(modulation),
                                       .modulation_stride = modulation ? modulation->stride(0) : 0,
                                       .y = static_cast<T*>(y.data_ptr()),
                                       .workspace = static_cast<float*>(workspace.data_ptr()),
                                       .eps = static_cast<float>(eps),
                                       .silu = with_silu},
                                      stream()));
  });
  return y.defined() ? y : general();
}

/// cuDNN's convolution; what it would add in passes of its own is added in one.
at::Tensor conv3x3_cuda(const at::Tensor& x, const at::Tensor& weight,
                        const std::optional<at::Tensor>& bias,
                        const std::optional<at::Tensor>& residual) {
  const auto type = x.scalar_type();
  const bool suits = is_known(type) && (bias || residual) && weight.dim() == 4 &&
                     weight.size(0) % kVector == 0 && (!bias || is_of_channels(*bias, type)) &&
                     (!residual || is_of_pixels(*residual, type));
  if (!suits) return conv3x3(x, weight, bias, residual);
  const c10::cuda::CUDAGuard guard(x.device());
  const auto y = at::conv2d(x, weight, /*bias=*/{}, /*stride=*/1, /*padding=*/1)
                     .contiguous(at::MemoryFormat::ChannelsLast);
  TORCH_CHECK(!residual || residual->sizes() == y.sizes(), "conv3x3: residual ",
              residual ? residual->sizes() : y.sizes(), " for ", y.sizes());
  if (!is_aligned(y)) return conv3x3(x, weight, bias, residual);
  of_type(type, [&]<class T>(T) {
    expect_launched("conv3x3", launch_add_to_pixels<T>({.pixels = y.numel() / y.size(1),
                                                        .channels = y.size(1),
                                                        .y = static_cast<T*>(y.data_ptr()),
                                                        .bias = data_of<T>(bias),
                                                        .residual = data_of<T>(residual)},
                                                       stream()));
  });
  return y;
}

// --- The step of a sampling run ---

constexpr int kMostDims = 4;

bool suits_walk(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat && tensor.dim() >= 1 && tensor.dim() <= kMostDims &&
         tensor.numel() > 0;
}
bool suits_walk(const std::optional<at::Tensor>& tensor) { return !tensor || suits_walk(*tensor); }

void sizes_of(const at::Tensor& tensor, int64_t (&sizes)[kMostDims]) {
  for (int i = 0; i < kMostDims; ++i) sizes[i] = i < tensor.dim() ? tensor.size(i) : 1;
}

template <class Result>
Result strided(const at::Tensor& tensor) {
  Result result{.data = static_cast<float*>(tensor.data_ptr())};
  for (int i = 0; i < kMostDims; ++i) result.strides[i] = i < tensor.dim() ? tensor.stride(i) : 0;
  return result;
}
Strided read(const at::Tensor& tensor) { return strided<Strided>(tensor); }
Strided read(const std::optional<at::Tensor>& tensor) { return tensor ? read(*tensor) : Strided{}; }
StridedOut written(const at::Tensor& tensor) { return strided<StridedOut>(tensor); }

at::Tensor guide_cuda(const at::Tensor& both, int64_t channels, double scale) {
  if (!suits_walk(both) || both.dim() < 2) return guide(both, channels, scale);
  const c10::cuda::CUDAGuard guard(both.device());
  auto out = at::empty_like(both.narrow(0, 0, both.size(0) / 2));
  Guide call{.channels = channels,
             .scale = static_cast<float>(scale),
             .both = read(both),
             .out = written(out)};
  sizes_of(out, call.sizes);
  expect_launched("guide", launch_guide(call, stream()));
  return out;
}

at::Tensor predict_x0_cuda(const at::Tensor& prediction, const at::Tensor& x_t, double x_t_factor,
                           double prediction_factor, double divisor, double clip) {
  if (!suits_walk(prediction) || !suits_walk(x_t) || prediction.sizes() != x_t.sizes()) {
    return predict_x0(prediction, x_t, x_t_factor, prediction_factor, divisor, clip);
  }
  const c10::cuda::CUDAGuard guard(x_t.device());
  auto x_0 = at::empty_like(x_t);
  PredictX0 call{.x_t_factor = static_cast<float>(x_t_factor),
                 .prediction_factor = static_cast<float>(prediction_factor),
                 .divisor = static_cast<float>(divisor),
                 .clip = static_cast<float>(clip),
                 .x_t = read(x_t),
                 .prediction = read(prediction),
                 .x_0 = written(x_0)};
  sizes_of(x_t, call.sizes);
  expect_launched("predict_x0", launch_predict_x0(call, stream()));
  return x_0;
}

at::Tensor ancestral_step_cuda(const at::Tensor& x_0, const at::Tensor& x_t,
                               const std::optional<at::Tensor>& noise,
                               const std::optional<at::Tensor>& f, double x_0_factor,
                               double x_t_factor, double deviation, double log_smallest,
                               double log_largest) {
  const auto as_x_t = [&](const std::optional<at::Tensor>& tensor) {
    return suits_walk(tensor) && (!tensor || tensor->sizes() == x_t.sizes());
  };
  if (!suits_walk(x_t) || !as_x_t(x_0) || !as_x_t(noise) || !as_x_t(f)) {
    return ancestral_step(x_0, x_t, noise, f, x_0_factor, x_t_factor, deviation, log_smallest,
                          log_largest);
  }
  const c10::cuda::CUDAGuard guard(x_t.device());
  auto x_s = at::empty_like(x_t);
  AncestralStep call{.x_0_factor = static_cast<float>(x_0_factor),
                     .x_t_factor = static_cast<float>(x_t_factor),
                     .deviation = static_cast<float>(deviation),
                     .log_smallest = static_cast<float>(log_smallest),
                     .log_largest = static_cast<float>(log_largest),
                     .x_0 = read(x_0),
                     .x_t = read(x_t),
                     .noise = read(noise),
                     .f = read(f),
                     .x_s = written(x_s)};
  sizes_of(x_t, call.sizes);
  expect_launched("ancestral_step", launch_ancestral_step(call, stream()));
  return x_s;
}

}  // namespace

TORCH_LIBRARY_IMPL(unclip, CUDA, m) {
  m.impl("conv3x3", conv3x3_cuda);
  m.impl("group_norm", group_norm_cuda);
  m.impl("guide", guide_cuda);
  m.impl("predict_x0", predict_x0_cuda);
  m.impl("ancestral_step", ancestral_step_cuda);
}

}  // namespace unclip::kernels
