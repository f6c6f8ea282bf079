#include "world/scene.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace unclip::world {
namespace {

// The places that the first of two objects can have.
unsigned places(Relation relation) {
  switch (relation) {
    case Relation::kLeftOf:
      return kAtLeft;
    case Relation::kRightOf:
      return kAtRight;
    case Relation::kAbove:
      return kAtTop;
    case Relation::kBelow:
      return kAtBottom;
    case Relation::kNextTo:
      return kAtLeft | kAtRight;
    case Relation::kNone:
    case Relation::kAnd:
      break;
  }
  return kAtLeft | kAtRight | kAtTop | kAtBottom;
}

Relation opposite(Relation relation) {
  switch (relation) {
    case Relation::kLeftOf:
      return Relation::kRightOf;
    case Relation::kRightOf:
      return Relation::kLeftOf;
    case Relation::kAbove:
      return Relation::kBelow;
    case Relation::kBelow:
      return Relation::kAbove;
    default:
      return relation;
  }
}

Background background(const Claim& claim) { return claim.background.value_or(Background::kWhite); }

bool compatible(const ObjectClaim& a, const ObjectClaim& b) {
  return a.shape == b.shape && a.colour == b.colour && (!a.size || !b.size || *a.size == *b.size);
}

bool compatible_in_order(const Claim& a, const Claim& b) {
  for (size_t i = 0; i < a.objects.size(); ++i)
    if (!compatible(a.objects[i], b.objects[i])) return false;
  return (places(a.relation) & places(b.relation)) != 0;
}

bool is_true(const ObjectClaim& claim, const Object& object) {
  return compatible(claim, {object.shape, object.colour, object.size});
}

struct Kind {
  Colour colour;
  Shape shape;
  template <class Thing>
  bool is(const Thing& thing) const {
    return thing.colour == colour && thing.shape == shape;
  }
};

constexpr Kind kHeldOutAlone[] = {{Colour::kPink, Shape::kStar}, {Colour::kGreen, Shape::kRing}};
constexpr std::pair<Kind, Kind> kHeldOutPairs[] = {
    {{Colour::kRed, Shape::kBall}, {Colour::kBlue, Shape::kCube}},
    {{Colour::kGreen, Shape::kStar}, {Colour::kPurple, Shape::kRing}},
    {{Colour::kYellow, Shape::kCone}, {Colour::kPink, Shape::kCylinder}},
    {{Colour::kOrange, Shape::kCube}, {Colour::kBrown, Shape::kStar}}};

template <class Things>
bool are_held_out(const Things& things) {
  if (things.size() == 1) {
    for (const Kind& kind : kHeldOutAlone)
      if (kind.is(things[0])) return true;
    return false;
  }
  for (const auto& [a, b] : kHeldOutPairs)
    if ((a.is(things[0]) && b.is(things[1])) || (a.is(things[1]) && b.is(things[0]))) return true;
  return false;
}

template <class Value>
struct Weighted {
  Value value;
  double weight;
};

constexpr Weighted<Relation> kRelations[] = {{Relation::kLeftOf, 0.18}, {Relation::kRightOf, 0.18},
                                             {Relation::kAbove, 0.18},  {Relation::kBelow, 0.18},
                                             {Relation::kNextTo, 0.14}, {Relation::kAnd, 0.14}};

constexpr Weighted<std::optional<Background>> kStatedBackgrounds[] = {{std::nullopt, 0.40},
                                                                      {Background::kWhite, 0.06},
                                                                      {Background::kSky, 0.18},
                                                                      {Background::kMint, 0.18},
                                                                      {Background::kNight, 0.18}};

constexpr double kSizeIsStated = 0.4;

std::optional<Size> random_stated_size(Random& random) {
  if (!chance(random, kSizeIsStated)) return std::nullopt;
  return chance(random, 0.5) ? Size::kSmall : Size::kBig;
}

Claim claim_of(const std::vector<Kind>& kinds, Random& random) {
  Claim claim;
  for (const Kind& kind : kinds)
    claim.objects.push_back({kind.shape, kind.colour, random_stated_size(random)});
  if (kinds.size() == 2) claim.relation = pick_weighted(random, kRelations).value;
  claim.background = pick_weighted(random, kStatedBackgrounds).value;
  return claim;
}

Kind random_kind(Random& random) {
  const auto colour = static_cast<Colour>(below(random, kColours));
  return {colour, static_cast<Shape>(below(random, kShapes))};
}

void check_count(int objects) {
  if (objects != 1 && objects != 2) fail("a scene has 1 or 2 objects, not ", objects);
}

Object random_object(const ObjectClaim& claim, double scale, double x, double y, Random& random) {
  const Size drawn = chance(random, 0.5) ? Size::kSmall : Size::kBig;
  const Size size = claim.size.value_or(drawn);
  const double r = (size == Size::kSmall ? 0.14 : 0.21) + uniform(random, -0.0075, 0.0075);
  x += uniform(random, -0.04, 0.04);
  y += uniform(random, -0.04, 0.04);
  return {claim.shape, claim.colour, size, scale * r, x, y};
}

Place random_place(Relation relation, Random& random) {
  constexpr Place kAll[] = {kAtLeft, kAtRight, kAtTop, kAtBottom};
  const unsigned allowed = places(relation);
  for (;;) {
    const Place drawn = kAll[below(random, 4)];
    if (allowed & drawn) return drawn;
  }
}

// A random other value of an enumeration of n values.
template <class Enum>
Enum another(Enum value, int n, Random& random) {
  return static_cast<Enum>((static_cast<int>(value) + 1 + below(random, n - 1)) % n);
}

Relation another_relation(Relation relation, Random& random) {
  // Reversing a relation is the error that is hardest to notice, so half of the changes do that.
  if (opposite(relation) != relation && chance(random, 0.5)) return opposite(relation);
  for (;;) {
    const Relation drawn = pick_weighted(random, kRelations).value;
    if (drawn != relation) return drawn;
  }
}

template <class Changes>
Claim change_somehow(const Claim& claim, const Changes& changes, Random& random) {
  for (;;) {
    const auto result = changed(claim, pick_weighted(random, changes).value, random);
    if (result) return *result;
  }
}

}  // namespace

Claim turned(const Claim& claim) {
  Claim result = claim;
  if (claim.objects.size() == 2) std::swap(result.objects[0], result.objects[1]);
  result.relation = opposite(claim.relation);
  return result;
}

bool same_meaning(const Claim& a, const Claim& b) {
  if (background(a) != background(b)) return false;
  const auto same = [&](const Claim& c) {
    return c.objects == b.objects && c.relation == b.relation;
  };
  return same(a) || same(turned(a));
}

bool compatible(const Claim& a, const Claim& b) {
  if (a.objects.size() != b.objects.size() || background(a) != background(b)) return false;
  return compatible_in_order(a, b) || compatible_in_order(turned(a), b);
}

Place place(const Object& first, const Object& second) {
  const double dx = second.x - first.x, dy = second.y - first.y;
  if (std::abs(dx) > std::abs(dy)) return dx > 0 ? kAtLeft : kAtRight;
  return dy > 0 ? kAtTop : kAtBottom;
}

bool is_true(const Claim& claim, const Scene& scene) {
  if (claim.objects.size() != scene.objects.size()) return false;
  if (background(claim) != scene.background) return false;
  if (claim.objects.size() == 1) return is_true(claim.objects[0], scene.objects[0]);
  const auto holds = [&](const Object& first, const Object& second) {
    return is_true(claim.objects[0], first) && is_true(claim.objects[1], second) &&
           (places(claim.relation) & place(first, second)) != 0;
  };
  return holds(scene.objects[0], scene.objects[1]) || holds(scene.objects[1], scene.objects[0]);
}

bool held_out(const Claim& claim) { return are_held_out(claim.objects); }
bool held_out(const Scene& scene) { return are_held_out(scene.objects); }

Claim random_claim(Random& random) { return random_claim(random, chance(random, 0.35) ? 1 : 2); }

Claim random_claim(Random& random, int objects) {
  check_count(objects);
  for (;;) {
    std::vector<Kind> kinds;
    for (int i = 0; i < objects; ++i) kinds.push_back(random_kind(random));
    if (!are_held_out(kinds)) return claim_of(kinds, random);
  }
}

Claim random_held_out_claim(Random& random, int objects) {
  check_count(objects);
  if (objects == 1) return claim_of({kHeldOutAlone[below(random, 2)]}, random);
  auto [first, second] = kHeldOutPairs[below(random, 4)];
  if (chance(random, 0.5)) std::swap(first, second);
  return claim_of({first, second}, random);
}

Scene random_scene(const Claim& claim, Random& random) {
  Scene scene{{}, background(claim)};
  if (claim.objects.size() == 1) {
    scene.objects.push_back(random_object(claim.objects[0], 1.5, 0.5, 0.5, random));
    return scene;
  }
  const Place place = random_place(claim.relation, random);
  const double side = place == kAtLeft || place == kAtTop ? -0.25 : 0.25;
  const bool flat = place == kAtLeft || place == kAtRight;
  for (int i = 0; i < 2; ++i) {
    const double offset = i == 0 ? side : -side;
    scene.objects.push_back(random_object(claim.objects[i], 1, flat ? 0.5 + offset : 0.5,
                                          flat ? 0.5 : 0.5 + offset, random));
  }
  return scene;
}

std::optional<Claim> changed(const Claim& claim, Change change, Random& random) {
  Claim result = claim;
  ObjectClaim& first = result.objects.front();
  ObjectClaim& second = result.objects.back();
  ObjectClaim& one = chance(random, 0.5) ? first : second;
  switch (change) {
    case Change::kSwapColours:
      std::swap(first.colour, second.colour);
      break;
    case Change::kSwapShapes:
      std::swap(first.shape, second.shape);
      break;
    case Change::kSwapSizes:
      std::swap(first.size, second.size);
      break;
    case Change::kRelation:
      if (claim.objects.size() == 2) result.relation = another_relation(claim.relation, random);
      break;
    case Change::kColour:
      one.colour = another(one.colour, kColours, random);
      break;
    case Change::kShape:
      one.shape = another(one.shape, kShapes, random);
      break;
    case Change::kSize:
      if (one.size) one.size = another(*one.size, 2, random);
      break;
    case Change::kBackground:
      result.background = another(background(claim), kBackgrounds, random);
      if (result.background == Background::kWhite && chance(random, 0.9))
        result.background = std::nullopt;
      break;
  }
  // A claim that the change did not affect, or that is still true for some scenes, is not an error.
  if (compatible(claim, result) || held_out(result)) return std::nullopt;
  return result;
}

Claim variant(const Claim& claim, Random& random) {
  constexpr Weighted<Change> kChanges[] = {
      {Change::kSwapColours, 0.24}, {Change::kSwapShapes, 0.20}, {Change::kSwapSizes, 0.06},
      {Change::kRelation, 0.20},    {Change::kColour, 0.09},     {Change::kShape, 0.09},
      {Change::kSize, 0.06},        {Change::kBackground, 0.06}};
  return change_somehow(claim, kChanges, random);
}

Claim one_word_wrong(const Claim& claim, Random& random) {
  constexpr Weighted<Change> kChanges[] = {{Change::kRelation, 1},
                                           {Change::kColour, 1},
                                           {Change::kShape, 1},
                                           {Change::kSize, 1},
                                           {Change::kBackground, 1}};
  for (;;) {
    const Claim result = change_somehow(claim, kChanges, random);
    // A background that only one of the two names is a difference of more than one word.
    if (result.background.has_value() == claim.background.has_value()) return result;
  }
}

}  // namespace unclip::world
