#include "lab/settings.h"

#include <c10/util/Exception.h>

#include <nlohmann/json.hpp>

#include "pipeline/embedding_pipeline.h"

namespace unclip::lab {
namespace {

nlohmann::ordered_json guidance_json(const Guidance& guidance) {
  nlohmann::ordered_json json = {{"scale", guidance.scale}, {"rescale", guidance.rescale}};
  if (!guidance.is_everywhere()) json["interval"] = {guidance.sigma_min, guidance.sigma_max};
  return json;
}

}  // namespace

std::string stage_key(Stage stage) {
  switch (stage) {
    case Stage::kPrior:
      return "prior";
    case Stage::kDecoder:
      return "decoder";
    case Stage::kSuperResolution:
      return "super_res";
    default:
      TORCH_CHECK(false, "a stage without a walk of its own");
  }
}

const WalkOptions& walk_of(const Settings& settings, Stage stage) {
  switch (stage) {
    case Stage::kPrior:
      return settings.prior_walk;
    case Stage::kDecoder:
      return settings.decoder_walk;
    case Stage::kSuperResolution:
      return settings.super_res_walk;
    default:
      TORCH_CHECK(false, "a stage without a walk of its own");
  }
}

std::string spaced(const std::string& walk) {
  std::string text;
  for (const char c : walk) text.append(1, c).append(c == ':' || c == ',' ? " " : "");
  return text;
}

nlohmann::ordered_json settings_json(const GenerateOptions& options, const ModelDir& model) {
  const auto s = settings_of(options, model.defaults());
  nlohmann::ordered_json json;
  json["model_hash"] = embeddings_of(model).model_hash;
  for (const auto stage : {Stage::kPrior, Stage::kDecoder, Stage::kSuperResolution}) {
    const auto& walk = walk_of(s, stage);
    json[stage_key(stage) + "_walk"] = walk_text(walk);
    json[stage_key(stage) + "_steps"] = walk.steps;
  }
  json["prior_guidance"] = guidance_json(s.prior_guidance);
  json["decoder_guidance"] = guidance_json(s.decoder_guidance);
  json["negative_prompt"] = options.negative_prompt;
  return json;
}

}  // namespace unclip::lab
