#include "pipeline/model_tasks.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "base/config.h"
#include "base/error.h"
#include "pipeline/check_model.h"
#include "pipeline/embedding_pipeline.h"
#include "pipeline/inversion_walk.h"
#include "weights/model_dir.h"

namespace unclip {
namespace {

/// Throws Error if the model cannot do the task.
ModelConfigs check_task(const ModelDir& model, const Task& task) {
  auto configs = check_model(model, task.needs).configs;
  auto settings = settings_of({}, model.defaults());
  check_sampling(model, settings, task.needs);
  if (task.name == std::string_view("invert")) {
    settings.decoder_walk = inversion_walk(kInversionSteps);
    check_sampling(model, settings, task.needs);
  }
  return configs;
}

}  // namespace

const std::vector<Task>& tasks() {
  const Needs from_images{.text = true, .decoder = true, .image_encoder = true};
  static const std::vector<Task> all = {
      {"paint", "paints images from prompts", {.text = true, .prior = true, .decoder = true}},
      {"vary", "paints variations of images", from_images},
      {"invert", "inverts images to noise", from_images},
      {"encode_text", "encodes texts", {.text = true}},
      {"encode_image", "encodes images", {.image_encoder = true}},
  };
  return all;
}

const std::string& Abilities::obstacle(const std::string& task) const {
  const auto it = std::find_if(results.begin(), results.end(),
                               [&](const auto& result) { return result.task->name == task; });
  TORCH_CHECK(it != results.end(), "no task is called ", task);
  return it->obstacle;
}

Abilities find_abilities(const ModelDir& model) {
  Abilities abilities;
  for (const auto& task : tasks()) {
    TaskResult result{&task, {}};
    try {
      const auto configs = check_task(model, task);
      if (task.needs.decoder) {
        abilities.image_side = configs.super_res_first.sample_size;
        abilities.decoder_side = configs.decoder.sample_size;
      }
    } catch (const Error& error) {
      result.obstacle = error.what();
    }
    abilities.results.push_back(std::move(result));
  }
  const auto index = Config::read(model.path() / "model_index.json");
  const auto pipeline = index.require<std::string>("_class_name");
  const bool varies = pipeline == "UnCLIPImageVariationPipeline" && !model.has("prior");
  abilities.main_obstacle = abilities.obstacle(varies ? "vary" : "paint");
  return abilities;
}

}  // namespace unclip
