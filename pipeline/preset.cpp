#include "pipeline/preset.h"

#include <array>

#include "base/nearest_name.h"

namespace unclip {
namespace {

struct Preset {
  const char* name;
  const char* walk;  // of every stage; empty: the model's own
  int64_t prior_steps, decoder_steps, super_res_steps;
};

// How often each is right beside the model's own: docs/SCHEDULERS.md, "Presets".
constexpr std::array kPresets = {
    Preset{"fast", "ddim:spacing=trailing", 2, 4, 2},
    Preset{"balanced", "ddim:spacing=trailing", 4, 8, 3},
    Preset{"exact", "", 0, 0, 0},
};

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

GenerateOptions with_preset(GenerateOptions options, const std::string& name) {
  for (const auto& preset : kPresets) {
    if (name != preset.name) continue;
    if (std::string(preset.walk).empty()) return options;
    auto walk = parse_walk(preset.walk);
    walk.steps = 0;  // their own numbers say
    const auto fill = [&](std::optional<WalkOptions>& own, std::optional<int64_t>& steps,
                          int64_t otherwise) {
      if (!own) own = walk;
      if (!steps && listed_steps(*own) == 0) steps = otherwise;
    };
    fill(options.prior_walk, options.prior_steps, preset.prior_steps);
    fill(options.decoder_walk, options.decoder_steps, preset.decoder_steps);
    fill(options.super_res_walk, options.super_res_steps, preset.super_res_steps);
    return options;
  }
  fail("there is no preset '", name, "'; ", name_hint(name, preset_names()));
}

}  // namespace unclip
