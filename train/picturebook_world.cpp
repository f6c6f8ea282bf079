#include <utility>

#include "train/training_world_of.h"
#include "train/training_worlds.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"
#include "world/picturebook/render.h"

namespace unclip::train {
namespace {

namespace book = world::picturebook;

enum BookArrangement { kNoPair, kBookSideBySide, kBookStacked, kBookArrangements };
constexpr int64_t kBookSizes = 2;

struct PictureBook {
  using Claim = book::Claim;
  using Scene = book::Scene;
  static constexpr const char* kName = "picturebook";
  static constexpr int64_t kMostTokens = 32;

  static Claim random_claim(world::Random& random) { return book::random_claim(random); }
  static Claim variant(const Claim& claim, world::Random& random) {
    return book::variant(claim, random);
  }
  static Scene random_scene(const Claim& claim, world::Random& random) {
    return book::random_scene(claim, random);
  }
  static std::string caption(const Claim& claim, world::Random& random) {
    return book::caption(claim, random);
  }
  static void render(const Scene& scene, int side, float* rgb) { book::render(scene, side, rgb); }
  static bool is_true(const Claim& claim, const Scene& scene) {
    return scene.background == book::background(claim) && book::is_true(claim, scene);
  }
  static std::vector<std::string> known_words() { return book::known_words(); }
  static std::vector<std::string> reserved_words() {
    return {"black",  "grey",       "gray",    "block",    "blocks",    "object",  "shape",
            "huge",   "underneath", "bottom",  "behind",   "side",      "plain",   "dark",
            "light",  "five",       "between", "painting", "toy",       "day",     "park",
            "forest", "street",     "room",    "mountain", "mountains", "rain",    "clear",
            "bright", "cute",       "funny",   "old",      "new",       "my",      "your",
            "his",    "her",        "its",     "it",       "are",       "looking", "at",
            "lying",  "flying",     "this",    "that",     "both",      "each",    "other"};
  }

  // Number of objects, arrangement, background, then kind and size of the object at the left or
  // top, and kind and size of the other. Several objects of one kind count as one.
  static std::vector<int64_t> answer_counts() {
    return {book::kMostObjects, kBookArrangements, book::kBackgrounds, book::kKinds,
            kBookSizes,         book::kKinds,      kBookSizes};
  }
  static std::vector<int64_t> answers(const Scene& scene) {
    auto objects = scene.objects;
    const auto count = static_cast<int64_t>(objects.size());
    int64_t arrangement = kNoPair;
    if (count == 2) {
      const auto place = book::place(objects[0], objects[1]);
      const bool flat = place == book::kAtLeft || place == book::kAtRight;
      arrangement = flat ? kBookSideBySide : kBookStacked;
      if (place == book::kAtRight || place == book::kAtBottom) std::swap(objects[0], objects[1]);
    }
    std::vector<int64_t> result = {count - 1, arrangement, static_cast<int64_t>(scene.background)};
    for (size_t i = 0; i < (count == 2 ? 2u : 1u); ++i) {
      result.push_back(objects[i].kind.index());
      result.push_back(count > 2 ? kNoAnswer : static_cast<int64_t>(objects[i].size));
    }
    result.resize(answer_counts().size(), kNoAnswer);
    return result;
  }
};

}  // namespace

const TrainingWorld& picturebook_world() {
  static const TrainingWorldOf<PictureBook> world;
  return world;
}

}  // namespace unclip::train
