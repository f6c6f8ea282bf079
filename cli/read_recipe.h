#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/metadata.h"

namespace unclip::cli {

/// The largest number of steps that a recipe may have.
constexpr int64_t kMostSteps = 1'000'000;

/// A recipe as an image's texts record it.
struct FoundRecipe {
  /// Its tensors are flat, as the text has no sizes; its plan is empty. An empty dtype or hash is
  /// unknown.
  Recipe recipe;
  /// How the stages sample, by StageSpec::name. What is left open is unknown, and the model's own
  /// is used.
  std::map<std::string, StageOptions> stages;
  /// The same of the decoder's first stage, in a text that names no stages.
  std::optional<StageOptions> decoder;
  /// What the text does not say, in words; empty if all is known.
  std::vector<std::string> unknown;
  /// Whether another program than unclip made the image, so with another model.
  bool foreign = false;
};

/// The recipe in the text `unclip`, which `metadata` wrote; if there is none, what the text
/// `parameters` says, which many programs write. `name` is the file's, for messages. Throws Error
/// if there is neither, or a value that none can have.
FoundRecipe read_recipe(const std::vector<PngText>& texts, const std::string& name);

/// The two forms of it.
FoundRecipe parse_recipe(std::string_view json, const std::string& name);
FoundRecipe recipe_of_parameters(std::string_view text, const std::string& name);

}  // namespace unclip::cli
