#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "scheduler/scheduler.h"

namespace unclip {

class Checkpoint;

/// Where walks of the decoder begin.
struct StartNoise {
  at::Tensor x_T;  // (N, C, h, w) float32 on the CPU; undefined: drawn from each row's seed
  /// The walk that leads from x_T, at guidance 1, to the pictures that it is the inversion of;
  /// absent: any.
  std::optional<WalkOptions> walk;
};

/// The walk back from what "ddim_inverse" found in so many steps: "ddim" without clipping.
WalkOptions ddim_walk(int64_t steps);

/// What an embedding file holds besides: tensor `x_T`, and in its metadata `walk`, a JSON object
/// with `sampler`, `steps` and `clip`; nothing where there is no `x_T`. Throws Error where x_T is
/// no (N, C, h, w) of finite numbers, or the walk is none that make_scheduler could make.
StartNoise start_noise_of(const Checkpoint& file);
/// The same of a file, or a .npy of (C, h, w) or (N, C, h, w). Throws Error where there is no x_T,
/// too.
StartNoise read_start_noise(const std::filesystem::path& path);

/// Adds what start_noise_of() reads to a file's tensors and metadata.
void add_start_noise(const StartNoise& start, std::map<std::string, at::Tensor>& tensors,
                     std::map<std::string, std::string>& metadata);

}  // namespace unclip
