#include "lab/settings.h"

#include <nlohmann/json.hpp>

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
  json["negative_prompt"] = options.negative_prompt;
  return json;
}

}  // namespace unclip::lab
