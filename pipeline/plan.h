#pragma once

#include <string>
#include <vector>

#include "pipeline/options.h"
#include "weights/model_defaults.h"

namespace unclip {

/// How a stage samples, with nothing left open.
struct StagePlan {
  StageSpec spec;
  WalkOptions walk;
  Guidance guidance;
};

/// How all stages of a model sample: what is checked, recorded in an image's metadata, and run.
struct Plan {
  std::vector<StagePlan> stages;  // in the model's order
  ImageSize size = {};            // of the images; zeros until Engine::plan() fills it in

  /// Throws c10::Error if the model has no such stage.
  const StagePlan& stage(const std::string& name) const;
  StagePlan& stage(const std::string& name);
  /// Null if the model has no such stage.
  const StagePlan* find(const std::string& name) const;
  /// The stage that reads z.
  const StagePlan& decoder_stage() const;
};

/// The options, completed by the preset and the model's defaults. Throws Error for an unknown
/// preset, with the nearest name. Options of stages that the model lacks are not read.
Plan make_plan(const GenerateOptions& options, const ModelDefaults& defaults);

/// fast, balanced and exact: a sampler and a number of steps for each stage. "exact" is the model's
/// own, which makes the image that the published model makes.
std::vector<std::string> preset_names();

/// How often such a run evaluates its network.
int64_t evaluations_of(const SchedulerSpec& scheduler, const WalkOptions& walk);

}  // namespace unclip
