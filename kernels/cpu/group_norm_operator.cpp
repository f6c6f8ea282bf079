#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/tensors.h"
#include "kernels/operators.h"

// unclip::group_norm and unclip::spatial_norm on the CPU.

namespace unclip::kernels {
namespace {

constexpr int64_t kNumbers = 1 << 15;  // a thread's share, at least

/// The sums over an image's parts and over the channels [first, first + count).
struct Moments {
  double mean = 0, variance = 0;
};
Moments moments_of_group(const float* sums, int64_t parts, int64_t channels, const float* pivot,
                         int64_t first, int64_t count, int64_t pixels) {
  const double n = static_cast<double>(pixels);
  std::vector<Moments> each;
  Moments all;
  for (auto c = first; c < first + count; ++c) {
    double sum = 0, squares = 0;
    for (int64_t part = 0; part < parts; ++part) {
      sum += sums[part * 2 * channels + c];
      squares += sums[(part * 2 + 1) * channels + c];
    }
    const double d = sum / n;  // mean - pivot
    each.push_back({.mean = pivot[c] + d, .variance = squares / n - d * d});
    all.mean += each.back().mean / static_cast<double>(count);
  }
  // The variation within the channels, and the variation between their means.
  for (const auto& one : each) {
    const double d = one.mean - all.mean;
    all.variance += (one.variance + d * d) / static_cast<double>(count);
  }
  all.variance = std::max(all.variance, 0.0);
  return all;
}

/// Each channel's scale and shift, (2, B, C): the result of group_norm's formula. The statistics
/// are computed in parts that do not depend on the number of threads.
at::Tensor scale_and_shift(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                           const at::Tensor& bias, double eps,
                           const std::optional<at::Tensor>& modulation) {
  constexpr int64_t kPart = 256;  // pixels
  const auto batch = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
  const auto parts = divided_up(pixels, kPart), width = channels / groups;
  // Distances from a pixel of the image, so that the sum of their squares loses no precision to a
  // mean far from 0.
  const auto pivot = float32(x.select(3, 0).select(2, 0)).contiguous();  // (B, C)
  const auto sums = at::empty({batch, parts, 2, channels}, pivot.options());
  const auto* picture = static_cast<const char*>(x.const_data_ptr());
  const auto* pivots = pivot.const_data_ptr<float>();
  auto* all = sums.mutable_data_ptr<float>();
  parallel_for(0, batch * parts, 1, [&](int64_t begin, int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const auto b = i / parts, first = i % parts * kPart;
      auto* at = all + i * 2 * channels;
      table()->moments(*storage(x), picture + b * pixels * channels * x.element_size(), channels,
                       first, std::min(first + kPart, pixels), pivots + b * channels, at,
                       at + channels);
    }
  });

  const auto weights = float32(weight).contiguous(), biases = float32(bias).contiguous();
  const auto modulations = modulation ? float32(*modulation).contiguous() : at::Tensor();
  auto result = at::empty({2, batch, channels}, pivot.options());
  for (int64_t b = 0; b < batch; ++b) {
    const auto* m = modulation ? modulations.const_data_ptr<float>() + b * 2 * channels : nullptr;
    auto* scale = result.mutable_data_ptr<float>() + b * channels;
    auto* shift = scale + batch * channels;
    for (int64_t g = 0; g < groups; ++g) {
      const auto group = moments_of_group(all + b * parts * 2 * channels, parts, channels,
                                          pivots + b * channels, g * width, width, pixels);
      const double inverse = 1 / std::sqrt(group.variance + eps);
      for (auto c = g * width; c < (g + 1) * width; ++c) {
        const double to = inverse * weights.const_data_ptr<float>()[c];
        const double by = biases.const_data_ptr<float>()[c] - group.mean * to;
        const double more = m == nullptr ? 1 : 1 + double{m[c]};
        scale[c] = static_cast<float>(to * more);
        shift[c] = static_cast<float>(by * more + (m == nullptr ? 0 : m[channels + c]));
      }
    }
  }
  return result;
}

at::Tensor group_norm_cpu(const at::Tensor& x_any, int64_t groups, const at::Tensor& weight,
                          const at::Tensor& bias, double eps,
                          const std::optional<at::Tensor>& modulation, bool silu) {
  if (table() == nullptr || x_any.dim() != 4 || !storage(x_any)) {
    return group_norm(x_any, groups, weight, bias, eps, modulation, silu);
  }
  const auto x = x_any.contiguous(at::MemoryFormat::ChannelsLast);
  const auto coefficients = scale_and_shift(x, groups, weight, bias, eps, modulation);
  auto y = at::empty_like(x);
  const ScaleShift args{.storage = *storage(x),
                        .batch = x.size(0),
                        .pixels = x.size(2) * x.size(3),
                        .channels = x.size(1),
                        .x = x.const_data_ptr(),
                        .scale = coefficients.const_data_ptr<float>(),
                        .shift = coefficients.const_data_ptr<float>() + x.size(0) * x.size(1),
                        .silu = silu,
                        .y = y.data_ptr()};
  parallel_for(0, args.batch * args.pixels, std::max<int64_t>(1, kNumbers / args.channels),
               [&](int64_t begin, int64_t end) { table()->scale_shift(args, begin, end); });
  return y;
}

at::Tensor spatial_norm_cpu(const at::Tensor& x_any, int64_t groups, const at::Tensor& weight,
                            const at::Tensor& bias, double eps, const at::Tensor& scale_any,
                            const at::Tensor& shift_any, bool silu) {
  if (table() == nullptr || x_any.dim() != 4 || !storage(x_any)) {
    return spatial_norm(x_any, groups, weight, bias, eps, scale_any, shift_any, silu);
  }
  expect_spatial_shapes(x_any, scale_any, shift_any);
  const auto as_x = [&](const at::Tensor& tensor) {
    return tensor.to(x_any.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  };
  const auto x = as_x(x_any), scale = as_x(scale_any), shift = as_x(shift_any);
  const auto coefficients = scale_and_shift(x, groups, weight, bias, eps, std::nullopt);
  auto y = at::empty_like(x);
  const SpatialScaleShift args{
      .storage = *storage(x),
      .height = x.size(2),
      .width = x.size(3),
      .channels = x.size(1),
      .rows_per_scale = x.size(2) / scale.size(2),
      .columns_per_scale = x.size(3) / scale.size(3),
      .x = x.const_data_ptr(),
      .norm_scale = coefficients.const_data_ptr<float>(),
      .norm_shift = coefficients.const_data_ptr<float>() + x.size(0) * x.size(1),
      .scale = scale.const_data_ptr(),
      .shift = shift.const_data_ptr(),
      .silu = silu,
      .y = y.data_ptr()};
  const auto row = args.width * args.channels;
  parallel_for(0, x.size(0) * args.height, std::max<int64_t>(1, kNumbers / row),
               [&](int64_t begin, int64_t end) { table()->spatial_scale_shift(args, begin, end); });
  return y;
}

}  // namespace

TORCH_LIBRARY_IMPL(unclip, CPU, m) {
  m.impl("group_norm", group_norm_cpu);
  m.impl("spatial_norm", spatial_norm_cpu);
}

}  // namespace unclip::kernels
