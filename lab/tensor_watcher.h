#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/progress.h"

namespace unclip::lab {

/// Keeps what each step of a run saw, and writes it as a safetensors file when a stage of the run's
/// last image ends. For image i of the run, with seed S, and STAGE the key of a stage of n
/// steps (StageSpec::key):
///   i-S.STAGE.x_t, i-S.STAGE.x_0    (n, D) of the prior, (n, C, h, w) of the others, float32
///   i-S.STAGE.timestep, i-S.STAGE.sigma    (n) float64: where each step began
class TensorWatcher {
 public:
  explicit TensorWatcher(const std::filesystem::path& file);

  /// As GenerateOptions::on_watch. Throws Error if the file cannot be written.
  void add(const WatchedStep& step);

 private:
  std::filesystem::path file_;
  std::map<std::string, std::vector<at::Tensor>> steps_;  // by the tensor's name
};

}  // namespace unclip::lab
