#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/metadata.h"

namespace unclip::cli {

/// The largest number of steps that a recipe may have.
constexpr int64_t kMostSteps = 1'000'000;

/// A recipe as an image's texts tell it.
struct FoundRecipe {
  /// Its tensors are flat, for a recipe does not know the model's sizes. Steps of 0, a guidance
  /// that is NaN, an empty sampler, dtype or hash are not known: the model's own are meant.
  Recipe recipe;
  /// What the text cannot say, in words; empty if all was known.
  std::vector<std::string> unknown;
  /// Whether another program than unclip painted the image, whose model is another.
  bool foreign = false;
};

/// The recipe in the text `unclip`, which `metadata` wrote; if there is none, what the text
/// `parameters` says, which many programs write. `name` is the file's, for messages. Throws Error
/// if there is neither, or a value that none can have.
FoundRecipe read_recipe(const std::vector<PngText>& texts, const std::string& name);

/// The two forms of it.
Recipe parse_recipe(std::string_view json, const std::string& name);
FoundRecipe recipe_of_parameters(std::string_view text, const std::string& name);

}  // namespace unclip::cli
