#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "scheduler/noise_level.h"

namespace unclip {

/// How far a run has come, after a step.
struct Progress {
  std::string stage;         // its name, as in StageSpec; also "text" and "inversion"
  std::string label;         // the same for people, StageSpec::label
  int64_t step = 0;          // steps of the stage that are done
  int64_t steps = 0;         // of the stage
  int64_t first_image = 0;   // of the current batch, counted from 0
  int64_t images = 0;        // in the batch
  int64_t total_images = 0;  // of the run
  bool last_stage = false;   // whether it is the model's last stage
};

/// Returns whether to continue; if not, the run ends with Cancelled.
using OnProgress = std::function<bool(const Progress&)>;

class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

/// Samples of a stage (B, ...) -> images (B, 3, h, w) in about [-1, 1].
using Preview = std::function<at::Tensor(const at::Tensor& x)>;

/// What a step of a stage read and predicted.
struct WatchedStep {
  Progress progress;            // the step is done
  std::vector<uint64_t> seeds;  // of the batch's rows
  NoiseLevel level;             // where the step began
  at::Tensor x_t;               // there: (B, D) of the prior, (B, C, h, w) of other stages
  at::Tensor x_0;               // of x_t's shape: the prediction there, clipped if the run clips
  at::Tensor guidance_rms;      // (B): root mean square of c - u; undefined without guidance
  Preview preview;  // makes images of x_t or x_0; empty if they are images, or embeddings
};
/// Called after each step of a stage. May throw to end the run.
using OnWatch = std::function<void(const WatchedStep&)>;

}  // namespace unclip
