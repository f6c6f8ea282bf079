#include "pipeline/plan.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/nearest_name.h"

namespace unclip {
namespace {

/// The sampler of fast and balanced, whose steps each stage has. How often images are right with
/// each: docs/SCHEDULERS.md, "Presets".
constexpr auto kPresetWalk = "ddim:spacing=trailing";

/// The stage's options, completed by the preset.
StageOptions with_preset(StageOptions options, const StageSpec& spec, const std::string& preset) {
  if (preset == "exact") return options;
  if (!options.walk) options.walk = parse_walk(kPresetWalk);
  if (!options.steps && listed_steps(*options.walk) == 0) {
    options.steps = preset == "fast" ? spec.fast_steps : spec.balanced_steps;
  }
  return options;
}

StagePlan plan_stage(const StageOptions& options, const StageSpec& spec) {
  StagePlan plan{.spec = spec, .walk = options.walk.value_or(WalkOptions()), .guidance = {}};
  const auto listed = listed_steps(plan.walk);
  plan.walk.steps = options.steps.value_or(listed > 0 ? listed : spec.steps);
  if (spec.guided()) plan.guidance = options.guidance.filled(spec.guidance);
  return plan;
}

}  // namespace

Guidance GuidanceOptions::filled(double fallback) const {
  auto guidance = others;
  guidance.scale = scale.value_or(fallback);
  return guidance;
}

const StagePlan* Plan::find(const std::string& name) const {
  for (const auto& stage : stages) {
    if (stage.spec.name == name) return &stage;
  }
  return nullptr;
}

const StagePlan& Plan::stage(const std::string& name) const {
  const auto* found = find(name);
  TORCH_CHECK(found != nullptr, "no stage is called ", name);
  return *found;
}

StagePlan& Plan::stage(const std::string& name) {
  return const_cast<StagePlan&>(std::as_const(*this).stage(name));
}

const StagePlan& Plan::decoder_stage() const {
  const auto it = std::find_if(stages.begin(), stages.end(),
                               [](const auto& stage) { return stage.spec.half == Half::kDecoder; });
  TORCH_CHECK(it != stages.end(), "a plan without a decoder");
  return *it;
}

int64_t evaluations_of(const SchedulerSpec& scheduler, const WalkOptions& walk) {
  return static_cast<int64_t>(make_scheduler(scheduler, walk)->timesteps().size());
}

Plan make_plan(const GenerateOptions& options, const ModelDefaults& defaults) {
  const auto names = preset_names();
  if (std::find(names.begin(), names.end(), options.preset) == names.end()) {
    fail("there is no preset '", options.preset, "'; ", name_hint(options.preset, names));
  }
  Plan plan;
  for (const auto& spec : defaults.stages) {
    const auto it = options.stages.find(spec.name);
    auto given = it == options.stages.end() ? StageOptions() : it->second;
    if (!given.steps) given.steps = options.steps;
    if (!given.guidance.scale) given.guidance.scale = options.guidance;
    plan.stages.push_back(plan_stage(with_preset(given, spec, options.preset), spec));
  }
  return plan;
}

std::vector<std::string> preset_names() { return {"fast", "balanced", "exact"}; }

}  // namespace unclip
