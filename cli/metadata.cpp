#include "cli/metadata.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/version.h"

namespace unclip::cli {
namespace {

/// A value that holds what parts values stands in quotes, as JSON.
std::string quoted_where_needed(const std::string& value) {
  if (value.find_first_of(",:\n\"") == value.npos) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string parameters_text(const Recipe& recipe) {
  std::ostringstream text;
  text << recipe.prompt << "\nSteps: " << recipe.decoder_steps
       << ", Sampler: " << quoted_where_needed(recipe.scheduler)
       << ", CFG scale: " << recipe.decoder_guidance << ", Seed: " << recipe.seed
       << ", Size: " << recipe.width << "x" << recipe.height
       << ", Model hash: " << recipe.model_hash.substr(0, 10)
       << ", Model: " << quoted_where_needed(recipe.model_name) << ", Version: unclip " << kVersion;
  return text.str();
}

nlohmann::ordered_json recipe_json(const Recipe& recipe) {
  return {{"prompt", recipe.prompt},
          {"seed", recipe.seed},
          {"width", recipe.width},
          {"height", recipe.height},
          {"prior_steps", recipe.prior_steps},
          {"decoder_steps", recipe.decoder_steps},
          {"super_res_steps", recipe.super_res_steps},
          {"prior_guidance", recipe.prior_guidance},
          {"decoder_guidance", recipe.decoder_guidance},
          {"scheduler", recipe.scheduler},
          {"dtype", recipe.dtype},
          {"device", recipe.device},
          {"model", {{"name", recipe.model_name}, {"hash", recipe.model_hash}}},
          {"version", kVersion}};
}

std::vector<PngText> metadata(const Recipe& recipe) {
  const auto json =
      recipe_json(recipe).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return {{"parameters", parameters_text(recipe)}, {"unclip", json}};
}

}  // namespace unclip::cli
