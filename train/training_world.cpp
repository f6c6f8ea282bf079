#include "train/training_world.h"

#include "base/config.h"
#include "base/error.h"
#include "base/nearest_name.h"
#include "train/training_worlds.h"

namespace unclip::train {
namespace {

const std::vector<const TrainingWorld*>& all_worlds() {
  static const std::vector<const TrainingWorld*> worlds = {&toybox_world(), &picturebook_world()};
  return worlds;
}

}  // namespace

std::vector<std::string> training_worlds() {
  std::vector<std::string> names;
  for (const auto* world : all_worlds()) names.push_back(world->name());
  return names;
}

const TrainingWorld& training_world(const std::string& name) {
  for (const auto* world : all_worlds())
    if (world->name() == name) return *world;
  fail("expected a world, found '", name, "'; ", name_hint(name, training_worlds()));
}

const TrainingWorld& world_of_model(const std::filesystem::path& model) {
  const auto path = model / "training.json";
  if (!std::filesystem::exists(path)) return toybox_world();
  const auto name = Config::read(path).require<std::string>("world");
  for (const auto* world : all_worlds())
    if (world->name() == name) return *world;
  fail(path, ": 'world': expected the name of a world, found \"", name, "\"; ",
       name_hint(name, training_worlds()));
}

}  // namespace unclip::train
