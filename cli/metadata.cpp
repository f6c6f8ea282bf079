#include "cli/metadata.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "base/json_text.h"
#include "cli/base64.h"
#include "cli/version.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

/// A value that holds what parts values stands in quotes, as JSON.
std::string quoted_where_needed(const std::string& value) {
  if (value.find_first_of(",:\n\"") == value.npos) return value;
  return json_text(nlohmann::json(value));
}

/// Under key_rescale and key_interval; what is not set is left out.
void add_refinements(nlohmann::ordered_json& json, const std::string& key,
                     const Guidance& guidance) {
  if (guidance.rescale != 0) json[key + "_rescale"] = guidance.rescale;
  if (!guidance.is_everywhere()) {
    json[key + "_interval"] = {guidance.sigma_min, guidance.sigma_max};
  }
}

}  // namespace

std::string parameters_text(const Recipe& recipe) {
  std::ostringstream text;
  text << recipe.prompt;
  if (!recipe.negative_prompt.empty()) text << "\nNegative prompt: " << recipe.negative_prompt;
  text << "\nSteps: " << recipe.decoder_walk.steps << ", Sampler: "
       << quoted_where_needed(recipe.decoder_walk.sampler.empty() ? recipe.scheduler
                                                                  : walk_text(recipe.decoder_walk))
       << ", CFG scale: " << recipe.decoder_guidance.scale << ", Seed: " << recipe.seed
       << ", Size: " << recipe.width << "x" << recipe.height
       << ", Model hash: " << recipe.model_hash.substr(0, 10)
       << ", Model: " << quoted_where_needed(recipe.model_name) << ", Version: unclip " << kVersion;
  return text.str();
}

nlohmann::ordered_json recipe_json(const Recipe& recipe) {
  nlohmann::ordered_json json = {
      {"verb", recipe.verb},
      {"prompt", recipe.prompt},
      {"seed", recipe.seed},
      {"width", recipe.width},
      {"height", recipe.height},
      {"prior_steps", recipe.prior_walk.steps},
      {"decoder_steps", recipe.decoder_walk.steps},
      {"super_res_steps", recipe.super_res_walk.steps},
      {"prior_guidance", recipe.prior_guidance.scale},
      {"decoder_guidance", recipe.decoder_guidance.scale},
      {"scheduler", recipe.scheduler},
      {"dtype", recipe.dtype},
      {"device", recipe.device},
      {"model", {{"name", recipe.model_name}, {"hash", recipe.model_hash}}},
      {"version", kVersion}};
  for (const auto& [key, walk] : {std::pair{"prior_scheduler", &recipe.prior_walk},
                                  std::pair{"decoder_scheduler", &recipe.decoder_walk},
                                  std::pair{"super_res_scheduler", &recipe.super_res_walk}}) {
    if (!walk->sampler.empty()) json[key] = walk_text(*walk);
  }
  add_refinements(json, "prior_guidance", recipe.prior_guidance);
  add_refinements(json, "decoder_guidance", recipe.decoder_guidance);
  if (!recipe.negative_prompt.empty()) json["negative_prompt"] = recipe.negative_prompt;
  if (recipe.quality > 0) json["quality"] = recipe.quality;
  if (recipe.clip_similarity) json["clip_similarity"] = *recipe.clip_similarity;
  if (recipe.verb == "generate") return json;
  json.erase("prior_steps");
  json.erase("prior_guidance");
  json.erase("prior_guidance_rescale");
  json.erase("prior_guidance_interval");
  json.erase("prior_scheduler");
  json["draws"] = recipe.draws;
  json["image_embedding"] = to_base64(recipe.image_embedding);
  if (recipe.x_T.defined()) json["x_T"] = to_base64(recipe.x_T);
  return json;
}

std::vector<PngText> metadata(const Recipe& recipe) {
  const auto json = json_text(recipe_json(recipe));
  return {{"parameters", parameters_text(recipe)}, {"unclip", json}};
}

}  // namespace unclip::cli
