#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "scheduler/denoise.h"

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

/// How a stage walks from noise to its result.
struct StageOptions {
  WalkOptions walk;
  double guidance_scale = 1;
  OnStep on_step;
};

}  // namespace unclip
