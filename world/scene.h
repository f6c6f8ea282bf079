#pragma once

#include <optional>
#include <vector>

#include "world/random.h"

namespace unclip::world {

enum class Shape { kBall, kCube, kCylinder, kCone, kRing, kStar };
enum class Colour { kRed, kOrange, kYellow, kGreen, kBlue, kPurple, kPink, kBrown };
enum class Background { kWhite, kSky, kMint, kNight };
enum class Size { kSmall, kBig };

inline constexpr int kShapes = 6;
inline constexpr int kColours = 8;
inline constexpr int kBackgrounds = 4;

/// An object of a scene, with radius r and centre (x, y) in the unit square, y downwards.
struct Object {
  Shape shape;
  Colour colour;
  Size size;
  double r, x, y;
};

/// The content of an image: one object or two.
struct Scene {
  std::vector<Object> objects;
  Background background;
};

/// The place of the first object relative to the second. kNextTo: left or right of it. kAnd:
/// anywhere. kNone: there is only one object.
enum class Relation { kNone, kLeftOf, kRightOf, kAbove, kBelow, kNextTo, kAnd };

/// What a caption says about one object; without a size the object may have either.
struct ObjectClaim {
  Shape shape;
  Colour colour;
  std::optional<Size> size;
  friend bool operator==(const ObjectClaim&, const ObjectClaim&) = default;
};

/// What a caption says about a scene; without a background it is white.
struct Claim {
  std::vector<ObjectClaim> objects;
  Relation relation = Relation::kNone;
  std::optional<Background> background;
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// The same claim with the objects in the other order: left of becomes right of.
Claim turned(const Claim& claim);
/// Whether the claims mean the same, in either order of the objects.
bool same_meaning(const Claim& a, const Claim& b);
/// Whether there is a scene for which both claims are true.
bool compatible(const Claim& a, const Claim& b);

/// The place of the first of two objects relative to the second; bits, to form sets.
enum Place : unsigned { kAtLeft = 1, kAtRight = 2, kAtTop = 4, kAtBottom = 8 };
Place place(const Object& first, const Object& second);

/// Whether the claim is a true and complete description of the scene. Objects may be named in
/// either order.
bool is_true(const Claim& claim, const Scene& scene);

/// Whether it is excluded from all training, in order to test what the model can combine by itself.
/// Depends only on shapes and colours.
bool held_out(const Claim& claim);
bool held_out(const Scene& scene);

/// A random claim for training, never one that is held out. Without `objects` (1 or 2) about a
/// third have one object.
Claim random_claim(Random& random);
Claim random_claim(Random& random, int objects);
/// A random claim that is held out, with 1 or 2 objects.
Claim random_held_out_claim(Random& random, int objects);

/// A random scene for which the claim is true.
Scene random_scene(const Claim& claim, Random& random);

/// The ways to make a claim wrong.
enum class Change {
  kSwapColours,
  kSwapShapes,
  kSwapSizes,
  kRelation,
  kColour,
  kShape,
  kSize,
  kBackground
};

/// The claim with one thing changed so that it is false for every scene of the original; nothing if
/// the claim does not allow that (no stated size to change, both colours equal) or if the changed
/// claim would be held out.
std::optional<Claim> changed(const Claim& claim, Change change, Random& random);
/// A hard negative: the claim with a random change, never held out.
Claim variant(const Claim& claim, Random& random);
/// The claim with the smallest possible error: one colour, shape, size, background or the relation
/// is replaced, and nothing is added or left out. Never held out.
Claim one_word_wrong(const Claim& claim, Random& random);

}  // namespace unclip::world
