#include "cli/read_recipe.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "cli/base64.h"
#include "core/config.h"
#include "image/png.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostSteps = 1'000'000;

std::string recipe_text(const fs::path& png) {
  for (const auto& [keyword, text] : read_png_text(png)) {
    if (keyword == "unclip") return text;
  }
  fail(png, ": holds no recipe; a PNG that unclip painted is wanted");
}

int64_t required(const Config& config, const std::string& key, int64_t least, int64_t most) {
  const auto value = config.require<int64_t>(key);
  if (value < least || value > most) {
    config.fail_value(
        key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
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

WalkOptions walk_of(const Config& config) {
  WalkOptions walk{.steps = required(config, "decoder_steps", 1, kMostSteps)};
  if (!config.has("decoder_sampler")) return walk;
  const auto sampler = object(config, "decoder_sampler");
  walk.sampler = sampler.require<std::string>("name");
  walk.eta = required_number(sampler, "eta", 1);
  if (sampler.has("clip")) walk.clip = sampler.require<bool>("clip");
  return walk;
}

}  // namespace

Recipe read_recipe(const fs::path& png) {
  const auto config = Config::parse(recipe_text(png), png.string() + ": its recipe");
  const auto model = object(config, "model");
  constexpr double kMostGuidance = 1e6;
  Recipe r{.verb = config.require<std::string>("verb"),
           .prompt = config.require<std::string>("prompt"),
           .seed = static_cast<uint64_t>(required(config, "seed", 0, INT64_MAX)),
           .super_res_steps = required(config, "super_res_steps", 1, kMostSteps),
           .decoder_walk = walk_of(config),
           .decoder_guidance = required_number(config, "decoder_guidance", kMostGuidance),
           .dtype = config.require<std::string>("dtype"),
           .model_name = model.require<std::string>("name"),
           .model_hash = model.require<std::string>("hash")};
  config.choice<bool>(
      "verb",
      {{"generate", true}, {"decode", true}, {"vary", true}, {"mix", true}, {"diff", true}});
  if (r.verb == "generate") {
    r.prior_steps = required(config, "prior_steps", 1, kMostSteps);
    r.prior_guidance = required_number(config, "prior_guidance", kMostGuidance);
    return r;
  }
  r.draws = required(config, "draws", 0, kMostSteps);
  r.image_embedding = numbers(config, "image_embedding");
  if (config.has("x_T")) r.x_T = numbers(config, "x_T");
  return r;
}

}  // namespace unclip::cli
