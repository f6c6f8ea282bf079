#pragma once

#include <string>
#include <vector>

#include "pipeline/model.h"
#include "weights/model_info.h"

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
  std::string obstacle;  // empty: the model can; else the message of the Error that it would throw
};

/// What a model can do.
struct Abilities {
  std::vector<TaskResult> results;  // in the order of tasks()
  ImageSizes sizes;                 // of the images that it makes

  bool can(const std::string& task) const { return obstacle(task).empty(); }
  const std::string& obstacle(const std::string& task) const;
  /// Why the model cannot do what it was published for: images from prompts, or variations of
  /// images if its folder is one for those (see Family::variation_classes). Empty if it can.
  std::string main_obstacle;
};

/// Makes the checks that loading makes, with the model's default settings. Reads no weights.
Abilities find_abilities(const ModelDir& model);

/// part_infos(), with the result of Family::check_part in `need`.
std::vector<PartInfo> check_parts(const ModelDir& model);

}  // namespace unclip
