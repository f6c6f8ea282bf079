#pragma once

#include <string>
#include <vector>

#include "pipeline/model_configs.h"

namespace unclip {

/// Something that a model may be able to do.
struct Task {
  const char* name;   // "paint": the key in JSON
  const char* about;  // "paints images from prompts"
  Needs needs;
};

/// All tasks; the first two are what a model folder is published for.
const std::vector<Task>& tasks();

/// A task and whether a model can do it.
struct TaskResult {
  const Task* task;
  std::string obstacle;  // empty: the model can; else the message of the Error that painting throws
};

/// What a model can do, and the sizes of its images in pixels.
struct Abilities {
  std::vector<TaskResult> results;  // in the order of tasks()
  int64_t image_side = 0;           // of the square images that it paints; 0: it paints none
  int64_t decoder_side = 0;         // of the decoder's small images

  bool can(const std::string& task) const { return obstacle(task).empty(); }
  const std::string& obstacle(const std::string& task) const;
  /// Why the model cannot do what it was published for: images from prompts, or variations of
  /// images if its model_index.json says UnCLIPImageVariationPipeline and it has no prior. Empty if
  /// it can.
  std::string main_obstacle;
};

/// Finds out by the checks that loading makes, with the model's default settings. Reads no weights.
Abilities find_abilities(const ModelDir& model);

}  // namespace unclip
