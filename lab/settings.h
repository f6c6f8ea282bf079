#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/text_to_image.h"

namespace unclip::lab {

/// "prior", "decoder" or "super_res", as the keys of a recipe have it: a stage with a walk.
std::string stage_key(Stage stage);
/// Its walk.
const WalkOptions& walk_of(const Settings& settings, Stage stage);

/// A walk's text with room for the lines of a label: "ddim: eta=1, clip=no".
std::string spaced(const std::string& walk);

/// What the model and the stages' options make a run's pictures depend on, besides prompts and
/// seeds.
nlohmann::ordered_json settings_json(const GenerateOptions& options, const ModelDir& model);

}  // namespace unclip::lab
