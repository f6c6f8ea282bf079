#include "engine/abilities.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "base/error.h"
#include "engine/engine.h"
#include "engine/inversion_walk.h"
#include "families/registry.h"

namespace unclip {
namespace {

/// Throws Error if the model cannot do the task.
ImageSizes check_task(const ModelDir& model, const Task& task) {
  const auto sizes = family_of(model).check(model, task.needs);
  const auto schedulers = read_schedulers(model, task.needs);
  auto plan = make_plan({}, model.defaults());
  check_plan(plan, schedulers);
  if (task.name == std::string_view("invert")) {
    plan.stage(model.layout().decoder_stage().name).walk = inversion_walk(kInversionSteps);
    check_plan(plan, schedulers);
  }
  return sizes;
}

/// Whether the model's folder is published for variations of images.
bool is_for_variations(const ModelDir& model) {
  const auto& family = family_of(model);
  const auto& classes = family.variation_classes;
  if (std::find(classes.begin(), classes.end(), model.class_name()) == classes.end()) return false;
  const auto texts = family.parts({.text = true});
  auto prior = family.parts({.prior = true});
  std::erase_if(prior, [&](const std::string& part) {
    return std::find(texts.begin(), texts.end(), part) != texts.end();
  });
  return std::none_of(prior.begin(), prior.end(),
                      [&](const std::string& part) { return model.has(part); });
}

}  // namespace

const std::vector<Task>& tasks() {
  const Needs from_images{.decoder = true, .image_encoder = true};
  static const std::vector<Task> all = {
      {"paint", "paints images from prompts", {.prior = true, .decoder = true}},
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
      const auto sizes = check_task(model, task);
      if (task.needs.decoder) abilities.sizes = sizes;
    } catch (const Error& error) {
      result.obstacle = error.what();
    }
    abilities.results.push_back(std::move(result));
  }
  abilities.main_obstacle = abilities.obstacle(is_for_variations(model) ? "vary" : "paint");
  return abilities;
}

std::vector<PartInfo> check_parts(const ModelDir& model) {
  auto infos = part_infos(model);
  for (auto& info : infos) {
    if (!info.need.empty()) continue;
    try {
      family_of(model).check_part(model, info.name);
    } catch (const Error& error) {
      info.need = error.what();
    }
  }
  return infos;
}

}  // namespace unclip
