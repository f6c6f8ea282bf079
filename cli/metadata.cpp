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

/// The stages that made an image: all, or those after the prior's half.
std::vector<StagePlan> recorded_stages(const Plan& plan, bool from_prompt) {
  auto stages = plan.stages;
  if (!from_prompt) {
    std::erase_if(stages, [](const auto& stage) { return stage.spec.half == Half::kPrior; });
  }
  return stages;
}

}  // namespace

std::string parameters_text(const Recipe& recipe) {
  const auto& decoder = recipe.plan.decoder_stage();
  std::ostringstream text;
  text << recipe.prompt;
  if (!recipe.negative_prompt.value_or("").empty()) {
    text << "\nNegative prompt: " << *recipe.negative_prompt;
  }
  text << "\nSteps: " << decoder.walk.steps << ", Sampler: "
       << quoted_where_needed(decoder.walk.sampler.empty() ? recipe.scheduler
                                                           : walk_text(decoder.walk))
       << ", CFG scale: " << decoder.guidance.scale << ", Seed: " << recipe.seed
       << ", Size: " << recipe.width << "x" << recipe.height
       << ", Model hash: " << recipe.model_hash.substr(0, 10)
       << ", Model: " << quoted_where_needed(recipe.model_name) << ", Version: unclip " << kVersion;
  return text.str();
}

nlohmann::ordered_json recipe_json(const Recipe& recipe) {
  const bool from_prompt = recipe.verb == "generate";
  const auto stages = recorded_stages(recipe.plan, from_prompt);
  nlohmann::ordered_json json = {{"verb", recipe.verb},
                                 {"prompt", recipe.prompt},
                                 {"seed", recipe.seed},
                                 {"width", recipe.width},
                                 {"height", recipe.height}};
  for (const auto& stage : stages) json[stage.spec.key() + "_steps"] = stage.walk.steps;
  for (const auto& stage : stages) {
    if (stage.spec.guided()) json[stage.spec.key() + "_guidance"] = stage.guidance.scale;
  }
  json["scheduler"] = recipe.scheduler;
  json["dtype"] = recipe.dtype;
  json["device"] = recipe.device;
  json["model"] = {{"name", recipe.model_name}, {"hash", recipe.model_hash}};
  json["version"] = kVersion;
  for (const auto& stage : stages) {
    if (!stage.walk.sampler.empty()) json[stage.spec.key() + "_scheduler"] = walk_text(stage.walk);
  }
  for (const auto& stage : stages) {
    add_refinements(json, stage.spec.key() + "_guidance", stage.guidance);
  }
  if (recipe.negative_prompt) json["negative_prompt"] = *recipe.negative_prompt;
  if (recipe.quality > 0) json["quality"] = recipe.quality;
  if (recipe.clip_similarity) json["clip_similarity"] = *recipe.clip_similarity;
  if (from_prompt) return json;
  json["draws"] = recipe.draws;
  json["image_embedding"] = to_base64(recipe.image_embedding);
  if (recipe.negative_image_embedding.defined()) {
    json["negative_image_embedding"] = to_base64(recipe.negative_image_embedding);
  }
  if (recipe.x_T.defined()) json["x_T"] = to_base64(recipe.x_T);
  return json;
}

std::vector<PngText> metadata(const Recipe& recipe) {
  const auto json = json_text(recipe_json(recipe));
  return {{"parameters", parameters_text(recipe)}, {"unclip", json}};
}

}  // namespace unclip::cli
