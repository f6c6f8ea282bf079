#include <utility>

#include "train/training_world_of.h"
#include "train/training_worlds.h"
#include "world/caption.h"
#include "world/render.h"
#include "world/scene.h"

namespace unclip::train {
namespace {

enum Arrangement { kAlone, kSideBySide, kStacked, kArrangements };
constexpr int64_t kSizes = 2;

struct ToyWorld {
  using Claim = world::Claim;
  using Scene = world::Scene;
  static constexpr const char* kName = "toybox";
  static constexpr int64_t kMostTokens = 24;

  static Claim random_claim(world::Random& random) { return world::random_claim(random); }
  static Claim variant(const Claim& claim, world::Random& random) {
    return world::variant(claim, random);
  }
  static Scene random_scene(const Claim& claim, world::Random& random) {
    return world::random_scene(claim, random);
  }
  static std::string caption(const Claim& claim, world::Random& random) {
    return world::caption(claim, random);
  }
  static void render(const Scene& scene, int side, float* rgb) { world::render(scene, side, rgb); }
  static bool is_true(const Claim& claim, const Scene& scene) {
    return world::is_true(claim, scene);
  }
  static std::vector<std::string> known_words() { return world::known_words(); }
  static std::vector<std::string> reserved_words() {
    return {"two",    "three", "four",  "black",    "grey",    "gray",  "block", "cubes",
            "balls",  "cones", "rings", "stars",    "object",  "shape", "huge",  "underneath",
            "bottom", "near",  "by",    "behind",   "with",    "side",  "is",    "plain",
            "dark",   "light", "image", "painting", "drawing", "toy"};
  }

  // Arrangement, background, then shape, colour and size of the object at the left or top and of
  // the other.
  static std::vector<int64_t> answer_counts() {
    return {kArrangements, world::kBackgrounds, world::kShapes,  world::kColours,
            kSizes,        world::kShapes,      world::kColours, kSizes};
  }
  static std::vector<int64_t> answers(const Scene& scene) {
    auto objects = scene.objects;
    int64_t arrangement = kAlone;
    if (objects.size() == 2) {
      const auto place = world::place(objects[0], objects[1]);
      const bool flat = place == world::kAtLeft || place == world::kAtRight;
      arrangement = flat ? kSideBySide : kStacked;
      if (place == world::kAtRight || place == world::kAtBottom) std::swap(objects[0], objects[1]);
    }
    std::vector<int64_t> result = {arrangement, static_cast<int64_t>(scene.background)};
    for (const auto& object : objects) {
      result.push_back(static_cast<int64_t>(object.shape));
      result.push_back(static_cast<int64_t>(object.colour));
      result.push_back(static_cast<int64_t>(object.size));
    }
    result.resize(answer_counts().size(), kNoAnswer);
    return result;
  }
};

}  // namespace

const TrainingWorld& toybox_world() {
  static const TrainingWorldOf<ToyWorld> world;
  return world;
}

}  // namespace unclip::train
