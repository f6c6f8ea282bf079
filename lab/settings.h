#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/engine.h"

namespace unclip::lab {

/// A sampler's text with spaces, so that a label can be broken into lines: "ddim: eta=1, clip=no".
std::string spaced(const std::string& walk);

/// Everything that a run's images depend on besides prompts and seeds: the model and the stages'
/// plans.
nlohmann::ordered_json settings_json(const GenerateOptions& options, const ModelDir& model);

}  // namespace unclip::lab
