#include "cli/read_recipe.h"

#include <nlohmann/json.hpp>

#include "base/config.h"
#include "cli/base64.h"
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

/// Of a stage: STAGE_scheduler, where it was not the model's own, and STAGE_steps.
WalkOptions walk_of(const Config& config, const std::string& stage) {
  WalkOptions walk;
  const auto key = stage + "_scheduler";
  if (config.has(key)) {
    const auto text = config.require<std::string>(key);
    try {
      walk = parse_walk(text);
    } catch (const Error& error) {
      fail(config.name(), ": '", key, "': ", error.what());
    }
  }
  walk.steps = required(config, stage + "_steps", 1, kMostSteps);
  return walk;
}

/// STAGE_guidance, and what refines it.
Guidance guidance_of(const Config& config, const std::string& stage) {
  constexpr double kMostGuidance = 1e6;
  const auto key = stage + "_guidance";
  Guidance guidance{.scale = required_number(config, key, kMostGuidance)};
  if (config.has(key + "_rescale")) guidance.rescale = required_number(config, key + "_rescale", 1);
  if (!config.has(key + "_interval")) return guidance;
  const auto ends = config.require<std::vector<double>>(key + "_interval");
  if (ends.size() != 2 || !(ends[0] >= 0 && ends[0] < ends[1])) {
    config.fail_value(key + "_interval", "two numbers that rise");
  }
  guidance.sigma_min = ends[0];
  guidance.sigma_max = ends[1];
  return guidance;
}

}  // namespace

Recipe parse_recipe(std::string_view text, const std::string& name) {
  const auto config = Config::parse(std::string(text), name + ": its recipe");
  const auto model = object(config, "model");
  Recipe r{
      .verb = config.require<std::string>("verb"),
      .prompt = config.require<std::string>("prompt"),
      .seed = config.require<uint64_t>("seed"),
      .quality = config.has("quality") ? static_cast<int>(required(config, "quality", 1, 100)) : 0,
      .decoder_walk = walk_of(config, "decoder"),
      .super_res_walk = walk_of(config, "super_res"),
      .decoder_guidance = guidance_of(config, "decoder"),
      .negative_prompt = config.value_or<std::string>("negative_prompt", ""),
      .dtype = config.require<std::string>("dtype"),
      .model_name = model.require<std::string>("name"),
      .model_hash = model.require<std::string>("hash")};
  config.choice<bool>(
      "verb",
      {{"generate", true}, {"decode", true}, {"vary", true}, {"mix", true}, {"diff", true}});
  if (r.verb == "generate") {
    r.prior_walk = walk_of(config, "prior");
    r.prior_guidance = guidance_of(config, "prior");
    return r;
  }
  r.draws = required(config, "draws", 0, kMostSteps);
  r.image_embedding = numbers(config, "image_embedding");
  if (config.has("x_T")) r.x_T = numbers(config, "x_T");
  return r;
}

FoundRecipe read_recipe(const std::vector<PngText>& texts, const std::string& name) {
  for (const auto& [keyword, text] : texts) {
    if (keyword == "unclip") return {.recipe = parse_recipe(text, name)};
  }
  for (const auto& [keyword, text] : texts) {
    if (keyword == "parameters") return recipe_of_parameters(text, name);
  }
  fail(name, ": expected an image with the text 'unclip' or 'parameters', found neither");
}

}  // namespace unclip::cli
