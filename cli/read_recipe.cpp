#include "cli/read_recipe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "cli/base64.h"
#include "families/registry.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

int64_t required(const Config& config, const std::string& key, int64_t least, int64_t most) {
  const auto value = config.require<int64_t>(key);
  if (value < least || value > most) {
    config.fail_value(key,
                      "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

double required_number(const Config& config, const std::string& key, double most) {
  const auto value = config.require<double>(key);
  if (!(value >= 0 && value <= most)) config.fail_value(key, "a number that is not below 0");
  return value;
}

Config object(const Config& config, const std::string& key) {
  if (!config.has(key)) fail(config.name(), ": '", key, "' is missing");
  return Config::parse(config.json().at(key).dump(), config.name() + ": '" + key + "'");
}

/// Finite float32 numbers in base64 -> a flat tensor
at::Tensor numbers(const Config& config, const std::string& key) {
  const auto x = from_base64(config.require<std::string>(key));
  if (!x || !x->isfinite().all().item<bool>()) {
    fail(config.name(), ": '", key, "' is no float32 numbers in base64");
  }
  return *x;
}

/// STAGE_steps, and STAGE_scheduler unless it was the model's own.
void read_walk_of(const Config& config, const std::string& stage, StageOptions& options) {
  const auto key = stage + "_scheduler";
  if (config.has(key)) {
    const auto text = config.require<std::string>(key);
    try {
      options.walk = parse_walk(text);
    } catch (const Error& error) {
      fail(config.name(), ": '", key, "': ", error.what());
    }
  }
  options.steps = required(config, stage + "_steps", 1, kMostSteps);
}

/// STAGE_guidance, and what refines it.
GuidanceOptions guidance_of(const Config& config, const std::string& stage) {
  constexpr double kMostGuidance = 1e6;
  const auto key = stage + "_guidance";
  GuidanceOptions guidance{.scale = required_number(config, key, kMostGuidance)};
  auto& others = guidance.others;
  if (config.has(key + "_rescale")) others.rescale = required_number(config, key + "_rescale", 1);
  if (!config.has(key + "_interval")) return guidance;
  const auto ends = config.require<std::vector<double>>(key + "_interval");
  if (ends.size() != 2 || !(ends[0] >= 0 && ends[0] < ends[1])) {
    config.fail_value(key + "_interval", "two numbers that rise");
  }
  others.sigma_min = ends[0];
  others.sigma_max = ends[1];
  return guidance;
}

/// The stages of `layout` that a recipe of the verb records.
std::vector<StageSpec> stages_of(const ModelLayout& layout, const std::string& verb) {
  auto stages = layout.stages;
  if (verb == "generate") return stages;
  std::erase_if(stages, [](const StageSpec& stage) { return stage.half == Half::kPrior; });
  return stages;
}

/// The stages of the first family whose stages the recipe has all; if there is none, of the first
/// family.
std::vector<StageSpec> recorded_by_family(const Config& config, const std::string& verb) {
  for (const auto* family : families()) {
    const auto stages = stages_of(family->layout, verb);
    const bool all = std::all_of(stages.begin(), stages.end(), [&](const StageSpec& stage) {
      return config.has(stage.key() + "_steps");
    });
    if (all) return stages;
  }
  return stages_of(families().front()->layout, verb);
}

}  // namespace

FoundRecipe parse_recipe(std::string_view text, const std::string& name) {
  const auto config = Config::parse(std::string(text), name + ": its recipe");
  const auto model = object(config, "model");
  FoundRecipe found;
  auto& r = found.recipe;
  r.verb = config.require<std::string>("verb");
  r.prompt = config.require<std::string>("prompt");
  r.seed = config.require<uint64_t>("seed");
  if (config.has("quality")) r.quality = static_cast<int>(required(config, "quality", 1, 100));
  if (config.has("width") && config.has("height")) {
    constexpr int64_t kMostListedSide = 1 << 20;
    r.width = required(config, "width", 1, kMostListedSide);
    r.height = required(config, "height", 1, kMostListedSide);
  }
  if (config.has("negative_prompt")) {
    r.negative_prompt = config.require<std::string>("negative_prompt");
  }
  r.dtype = config.require<std::string>("dtype");
  r.model_name = model.require<std::string>("name");
  r.model_hash = model.require<std::string>("hash");
  config.choice<bool>(
      "verb",
      {{"generate", true}, {"decode", true}, {"vary", true}, {"mix", true}, {"diff", true}});
  for (const auto& stage : recorded_by_family(config, r.verb)) {
    auto& options = found.stages[stage.name];
    read_walk_of(config, stage.key(), options);
    if (stage.guided()) options.guidance = guidance_of(config, stage.key());
  }
  if (r.verb == "generate") return found;
  r.draws = required(config, "draws", 0, kMostSteps);
  r.image_embedding = numbers(config, "image_embedding");
  if (config.has("negative_image_embedding")) {
    r.negative_image_embedding = numbers(config, "negative_image_embedding");
  }
  if (config.has("x_T")) r.x_T = numbers(config, "x_T");
  return found;
}

FoundRecipe read_recipe(const std::vector<PngText>& texts, const std::string& name) {
  for (const auto& [keyword, text] : texts) {
    if (keyword == "unclip") return parse_recipe(text, name);
  }
  for (const auto& [keyword, text] : texts) {
    if (keyword == "parameters") return recipe_of_parameters(text, name);
  }
  fail(name, ": expected an image with the text 'unclip' or 'parameters', found neither");
}

}  // namespace unclip::cli
