#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace unclip::lab {

/// A sampler's text with added spaces, so that a label can be broken into lines: "ddim: eta=1,
/// clip=no".
std::string spaced(const std::string& walk);

/// Everything that a run's images depend on besides prompts and seeds: the model and the stages'
/// plans.
nlohmann::ordered_json settings_json(const GenerateOptions& options, const ModelDir& model);

/// The SHA-256 of the schedule's numbers for each sampler's text that names a schedule file, as the
/// file may change between two runs. Throws Error as read_walk() does.
nlohmann::ordered_json schedule_hashes(const std::vector<std::string>& samplers);

}  // namespace unclip::lab
