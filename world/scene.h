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

/// Radius r and centre (x, y) in the unit square, y downwards.
struct Object {
  Shape shape;
  Colour colour;
  Size size;
  double r, x, y;
};

/// What a picture shows: one object or two.
struct Scene {
  std::vector<Object> objects;
  Background background;
};

/// How the first object stands to the second. kNextTo: on its left or right. kAnd: anywhere.
/// kNone: there is one object.
enum class Relation { kNone, kLeftOf, kRightOf, kAbove, kBelow, kNextTo, kAnd };

/// What a caption says of one object; without a size it may have either.
struct ObjectClaim {
  Shape shape;
  Colour colour;
  std::optional<Size> size;
  friend bool operator==(const ObjectClaim&, const ObjectClaim&) = default;
};

/// What a caption says of a scene; without a background it is white.
struct Claim {
  std::vector<ObjectClaim> objects;
  Relation relation = Relation::kNone;
  std::optional<Background> background;
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// The same said with the objects in the other order: left of becomes right of.
Claim turned(const Claim& claim);
/// Do the two say the same, in either order of the objects?
bool same_meaning(const Claim& a, const Claim& b);
/// Is there a scene of which both are true?
bool compatible(const Claim& a, const Claim& b);

/// Where the first of two objects stands; as bits, so that they make sets.
enum Place : unsigned { kAtLeft = 1, kAtRight = 2, kAtTop = 4, kAtBottom = 8 };
Place place(const Object& first, const Object& second);

/// Does the claim describe the scene, wholly and truly? Objects may be named in either order.
bool is_true(const Claim& claim, const Scene& scene);

/// Is it kept from all training, so that it can show what the model combines by itself? Depends on
/// shapes and colours alone.
bool held_out(const Claim& claim);
bool held_out(const Scene& scene);

/// A claim for training, never held out. Without `objects` (1 or 2) about a third have one object.
Claim random_claim(Random& random);
Claim random_claim(Random& random, int objects);
/// A claim that is held out, of 1 or 2 objects.
Claim random_held_out_claim(Random& random, int objects);

/// A scene of which the claim is true.
Scene random_scene(const Claim& claim, Random& random);

/// What can be made wrong in a claim.
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

/// The claim with one thing changed so that it is false of every scene of the original; nothing
/// where the claim does not allow that (no stated size to change, both colours equal) or where the
/// changed claim would be held out.
std::optional<Claim> changed(const Claim& claim, Change change, Random& random);
/// A hard negative: a random one of all changes, never held out.
Claim variant(const Claim& claim, Random& random);
/// A caption's smallest error: one colour, shape, size, background or the relation is another, and
/// nothing is added or left out. Never held out.
Claim one_word_wrong(const Claim& claim, Random& random);

}  // namespace unclip::world
