#pragma once

#include <optional>
#include <vector>

#include "world/picturebook/objects.h"
#include "world/random.h"

namespace unclip::world::picturebook {

/// The first four are the toy world's; the others have ground below a horizon.
enum class Background {
  kWhite,
  kSky,
  kMint,
  kNight,
  kGrass,
  kSea,
  kBeach,
  kSnow,
  kDesert,
  kSunset,
  kStars
};
inline constexpr int kBackgrounds = 11;
constexpr bool has_horizon(Background background) { return background >= Background::kGrass; }

/// The most objects of a scene.
inline constexpr int kMostObjects = 4;

/// An object of a scene. r is half of its longer side, or for a solid its radius; (x, y) is its
/// centre in the unit square, y downwards. It is rotated clockwise by `angle`, in radians.
struct Object {
  Kind kind;
  Size size;
  double r, x, y, angle = 0;
};

/// The content of an image: one to kMostObjects objects. The stars of a starry night are drawn from
/// `star_seed`.
struct Scene {
  std::vector<Object> objects;
  Background background = Background::kWhite;
  double horizon = 0.61;
  uint64_t star_seed = 0;
};

/// What a caption says about an object, or about `count` objects of a kind; without a size they may
/// have either. Three and more have no size.
struct ObjectClaim {
  Kind kind;
  int count = 1;
  std::optional<Size> size = std::nullopt;
  friend bool operator==(const ObjectClaim&, const ObjectClaim&) = default;
};

/// What a caption says about a scene: one object, one kind with a count, or two objects in a
/// relation. Without a background it is white.
struct Claim {
  std::vector<ObjectClaim> objects;
  Relation relation = Relation::kNone;
  std::optional<Background> background = std::nullopt;
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// The number of objects in a scene for which the claim is true.
int count_objects(const Claim& claim);
/// The claim with the objects in the other order: left of becomes right of.
Claim turned(const Claim& claim);
/// Whether both mean the same, in either order of the objects.
bool same_meaning(const Claim& a, const Claim& b);
/// Whether there is a scene for which both are true.
bool compatible(const Claim& a, const Claim& b);

/// The place of the first of two objects relative to the second; bits, to form sets.
enum Place : unsigned { kAtLeft = 1, kAtRight = 2, kAtTop = 4, kAtBottom = 8 };
Place place(const Object& first, const Object& second);
/// The places that a relation allows.
unsigned places(Relation relation);
Relation opposite(Relation relation);
/// The background that a claim means.
inline Background background(const Claim& claim) {
  return claim.background.value_or(Background::kWhite);
}

/// Whether the claim is a true and complete description of the scene. Objects may be named in
/// either order.
bool is_true(const Claim& claim, const Scene& scene);

/// Whether it is excluded from all training (README.md lists what is), in order to test what the
/// model can combine by itself.
bool held_out(const Claim& claim);
bool held_out(const Scene& scene);

/// A random scene for which the claim is true. Throws Error if a claim has no object, more than
/// kMostObjects, or two groups with a count.
Scene random_scene(const Claim& claim, Random& random);

}  // namespace unclip::world::picturebook
