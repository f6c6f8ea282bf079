#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

// The interface between the CUDA sources and the operators: plain pointers and sizes, no libtorch
// and nothing from CUDA's headers. T is float, c10::Half or c10::BFloat16. Images are dense and
// channels last, (B, S, C) with S pixels. Their pointers, and those of arrays with one number per
// channel, are multiples of 16 bytes, and C is a multiple of 8. Launches do not wait for the kernel
// to end.

struct CUstream_st;  // cudaStream_t points to one.

namespace unclip::kernels {

using Stream = CUstream_st*;
/// CUDA's error message for a launch; null if it succeeded.
using Failure = const char*;

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct GroupNormShape {
  int64_t batch, pixels, channels, groups;
  int64_t element_size;  // sizeof(T)
};

/// From cudaDeviceProp: multiProcessorCount, sharedMemPerBlockOptin, sharedMemPerMultiprocessor and
/// maxBlocksPerMultiProcessor.
struct DeviceLimits {
  int multiprocessors;
  int64_t shared_bytes_per_block, shared_bytes_per_multiprocessor;
  int blocks_per_multiprocessor;
};

/// How the blocks of a grid, which all run at the same time, share the work. Each block has a part
/// of an image's pixels; those that fit in its shared memory are read only once.
struct GroupNormPlan {
  int blocks, threads;  // B parts; a multiple of 32, at least rows C / 8
  int parts;            // of each image
  int rows;             // pixels that a block reads at once, C / 8 threads each
  int slices;           // threads that add up a group; odd, to avoid bank conflicts
  int kept;             // pixels of a part that shared memory holds
  size_t shared_bytes;
  int64_t workspace_floats;
};
inline constexpr int64_t kMostGroupNormThreads = 512;

/// The plan with this number of parts and of kept pixels. C is a multiple of 8 and of `groups`, and
/// at most
/// 8 kMostGroupNormThreads.
inline GroupNormPlan group_norm_plan(const GroupNormShape& shape, int64_t parts, int64_t kept) {
  const int64_t lanes = shape.channels / 8;
  const int64_t rows = std::max<int64_t>(1, kMostGroupNormThreads / lanes);
  int64_t slices = std::max<int64_t>(1, rows * lanes / shape.groups);
  if (slices % 2 == 0) --slices;
  const int64_t floats = rows * shape.channels + ceil_div(2 * shape.groups * slices, 4) * 4;
  return {
      .blocks = static_cast<int>(shape.batch * parts),
      .threads = static_cast<int>(ceil_div(rows * lanes, 32) * 32),
      .parts = static_cast<int>(parts),
      .rows = static_cast<int>(rows),
      .slices = static_cast<int>(slices),
      .kept = static_cast<int>(kept),
      .shared_bytes = static_cast<size_t>(floats * 4 + kept * shape.channels * shape.element_size),
      .workspace_floats = shape.batch * parts * shape.groups * 2};
}

/// The plan for a device: two blocks a multiprocessor, so that one computes while the other waits,
/// or fewer if images are small. Nothing for a shape that the kernel does not support.
inline std::optional<GroupNormPlan> plan_group_norm(const GroupNormShape& shape,
                                                    const DeviceLimits& device) {
  constexpr int64_t kMostPixels = 1 << 30;  // an int can count them, and some more
  constexpr int64_t kReserved = 1024;  // bytes of shared memory per block that CUDA uses itself
  const int64_t each = std::min(2, device.blocks_per_multiprocessor);
  const int64_t most_blocks = each * device.multiprocessors;
  if (shape.batch < 1 || shape.batch > most_blocks) return {};
  if (shape.pixels < 1 || shape.pixels > kMostPixels) return {};
  if (shape.channels < 8 || shape.channels % 8 != 0) return {};
  if (shape.channels > 8 * kMostGroupNormThreads) return {};
  if (shape.groups < 1 || shape.channels % shape.groups != 0) return {};

  const int64_t available = std::min(device.shared_bytes_per_block,
                                     device.shared_bytes_per_multiprocessor / each - kReserved);
  const auto smallest = group_norm_plan(shape, /*parts=*/1, /*kept=*/0);
  const int64_t left = available - static_cast<int64_t>(smallest.shared_bytes);
  if (left < 0) return {};
  // At least four pixels per thread: with fewer, the blocks' waiting costs more than the work.
  const int64_t parts =
      std::min(most_blocks / shape.batch, ceil_div(shape.pixels, 4 * smallest.rows));
  const int64_t kept =
      std::min(ceil_div(shape.pixels, parts), left / (shape.channels * shape.element_size));
  return group_norm_plan(shape, parts, kept);
}

/// y = act((1 + scale) GroupNorm(x) + shift), act = SiLU or nothing.
template <class T>
struct GroupNorm {
  GroupNormPlan plan;
  int64_t pixels;
  int channels, groups;
  const T* x;                 // (B, S, C)
  const T* weight;            // (C)
  const T* bias;              // (C)
  const T* modulation;        // (B, 2 C): scale, then shift; if null, both are 0
  int64_t modulation_stride;  // between its rows; a multiple of 8
  T* y;                       // (B, S, C), must not overlap x
  float* workspace;           // plan.workspace_floats, at a multiple of 8 bytes
  float eps;
  bool silu;
};

/// plan_group_norm for the current device, which reports how many of the blocks it can run at the
/// same time. The call takes microseconds, and the result depends only on the shape and the device,
/// so keep it.
template <class T>
[[nodiscard]] Failure plan_group_norm_here(const GroupNormShape& shape, const DeviceLimits& device,
                                           std::optional<GroupNormPlan>& plan);
/// Launches with a plan of plan_group_norm_here<T> for the same device. Results are the same every
/// time.
template <class T>
[[nodiscard]] Failure launch_group_norm(const GroupNorm<T>& call, Stream stream);

/// y = y + bias + residual: completes a convolution that was computed without them.
template <class T>
struct AddToPixels {
  int64_t pixels, channels;  // pixels of all images
  T* y;                      // (P, C)
  const T* bias;             // (C), may be null
  const T* residual;         // (P, C), may be null
};

template <class T>
[[nodiscard]] Failure launch_add_to_pixels(const AddToPixels<T>& call, Stream stream);

/// Tensors of the sampling loop: float32, of up to four dimensions, where missing ones have size 1;
/// strides in numbers.
struct Strided {
  const float* data;
  int64_t strides[4];
};
struct StridedOut {
  float* data;
  int64_t strides[4];
};

/// Classifier-free guidance of the first `channels` channels; the others are copied from the rows
/// with the prompt.
struct Guide {
  int64_t sizes[4];  // B, C', ... of `out`
  int64_t channels;
  float scale;
  Strided both;  // (2 B, C', ...): without the prompt, then with it
  StridedOut out;
};

/// x_0 = (x_t_factor x_t + prediction_factor prediction) / divisor clamped to [-clip, clip]; NaN
/// stays NaN.
struct PredictX0 {
  int64_t sizes[4];
  float x_t_factor, prediction_factor, divisor;
  float clip;  // may be infinite
  Strided x_t, prediction;
  StridedOut x_0;
};

/// x_s = x_0_factor x_0 + x_t_factor x_t + deviation noise
struct AncestralStep {
  int64_t sizes[4];
  float x_0_factor, x_t_factor;
  float deviation;                  // if `f` is null
  float log_smallest, log_largest;  // bounds of the variance, if `f` is not null
  Strided x_0, x_t;
  Strided noise;  // may be null
  Strided f;      // may be null: the place between the bounds, from -1 to 1
  StridedOut x_s;
};

[[nodiscard]] Failure launch_guide(const Guide& call, Stream stream);
[[nodiscard]] Failure launch_predict_x0(const PredictX0& call, Stream stream);
[[nodiscard]] Failure launch_ancestral_step(const AncestralStep& call, Stream stream);

}  // namespace unclip::kernels
