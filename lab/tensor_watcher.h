#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/progress.h"

namespace unclip::lab {

/// Collects the tensors of each step of a run, and writes them as a safetensors file whenever a
/// stage of the run's last image ends. For image i of the run, with seed S, and STAGE the key of a
/// stage of n
/// steps (StageSpec::key):
///   i-S.STAGE.x_t, i-S.STAGE.x_0    (n, D) of the prior, (n, C, h, w) of the others, float32
///   i-S.STAGE.timestep, i-S.STAGE.sigma    (n) float64: at the start of each step
class TensorWatcher {
 public:
  explicit TensorWatcher(const std::filesystem::path& file);

  /// Adds a step; for GenerateOptions::on_watch. Throws Error if the file cannot be written.
  void add(const WatchedStep& step);

 private:
  std::filesystem::path file_;
  std::map<std::string, std::vector<at::Tensor>> steps_;  // by the tensors' names
};

}  // namespace unclip::lab
