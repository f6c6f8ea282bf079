#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

#include "scheduler/guidance.h"

namespace unclip {

enum class Stage { kText, kPrior, kDecoder, kSuperResolution, kInversion };

/// How far a run has come; told after each step.
struct Progress {
  Stage stage = Stage::kText;
  int64_t step = 0;          // steps of the stage that are done
  int64_t steps = 0;         // of the stage
  int64_t first_image = 0;   // of the batch in work, counted from 0
  int64_t images = 0;        // in the batch
  int64_t total_images = 0;  // of the run
};

/// Returns whether to go on; if not, the run ends with Cancelled.
using OnProgress = std::function<bool(const Progress&)>;

class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

/// What a step of a stage saw.
struct WatchedStep {
  Progress progress;            // the step is done
  std::vector<uint64_t> seeds;  // of the batch's rows
  NoiseLevel level;             // where the step began
  at::Tensor x_t;               // (B, ...) there: (B, D) of the prior, (B, 3, h, w) else
  at::Tensor x_0;  // (B, ...): what the model predicts there, clipped where the walk clips
  /// (B): the root mean square of c - u over the row; undefined where there was no guidance.
  at::Tensor guidance_rms;
};
/// Told after each step of a stage. May throw to end the run.
using OnWatch = std::function<void(const WatchedStep&)>;

/// How a stage walks from noise to its result.
struct StageOptions {
  WalkOptions walk;
  Guidance guidance;
  OnStep on_step;
  OnGuidance on_guidance;
};

}  // namespace unclip
