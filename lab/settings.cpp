#include "lab/settings.h"

#include <nlohmann/json.hpp>

#include "weights/sha256.h"

namespace unclip::lab {
namespace {

nlohmann::ordered_json guidance_json(const Guidance& guidance) {
  nlohmann::ordered_json json = {{"scale", guidance.scale}, {"rescale", guidance.rescale}};
  if (!guidance.is_everywhere()) json["interval"] = {guidance.sigma_min, guidance.sigma_max};
  return json;
}

}  // namespace

std::string spaced(const std::string& walk) {
  std::string text;
  for (const char c : walk) text.append(1, c).append(c == ':' || c == ',' ? " " : "");
  return text;
}

nlohmann::ordered_json settings_json(const GenerateOptions& options, const ModelDir& model) {
  const auto plan = make_plan(options, model.defaults());
  nlohmann::ordered_json json;
  json["model_hash"] = embeddings_of(model).model_hash;
  for (const auto& stage : plan.stages) {
    json[stage.spec.key() + "_walk"] = walk_text(stage.walk);
    json[stage.spec.key() + "_steps"] = stage.walk.steps;
  }
  for (const auto& stage : plan.stages) {
    if (stage.spec.guided()) json[stage.spec.key() + "_guidance"] = guidance_json(stage.guidance);
  }
  json["negative_prompt"] = options.negative_prompt.value_or("");
  if (options.negative_prompt == "") json["has_negative_prompt"] = true;
  if (options.width) json["width"] = *options.width;
  if (options.height) json["height"] = *options.height;
  return json;
}

nlohmann::ordered_json schedule_hashes(const std::vector<std::string>& samplers) {
  auto hashes = nlohmann::ordered_json::object();
  for (const auto& sampler : samplers) {
    const auto walk = read_walk(sampler);
    if (walk.schedule.numbers.empty()) continue;
    const auto numbers = walk_text(walk);
    Sha256 hash;
    hash.update(numbers.data(), numbers.size());
    hashes[sampler] = hash.hex();
  }
  return hashes;
}

}  // namespace unclip::lab
