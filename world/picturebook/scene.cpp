#include "world/picturebook/scene.h"

#include <cmath>
#include <utility>

namespace unclip::world::picturebook {
namespace {

bool compatible(const ObjectClaim& a, const ObjectClaim& b) {
  return a.kind == b.kind && a.count == b.count && (!a.size || !b.size || *a.size == *b.size);
}

bool compatible_in_order(const Claim& a, const Claim& b) {
  for (size_t i = 0; i < a.objects.size(); ++i)
    if (!compatible(a.objects[i], b.objects[i])) return false;
  return (places(a.relation) & places(b.relation)) != 0;
}

bool is_true(const ObjectClaim& claim, const Object& object) {
  return claim.kind == object.kind && (!claim.size || *claim.size == object.size);
}

// "two dogs" as "a dog and a dog", so that it can be compared with "a dog left of a dog".
Claim spelt_out(const Claim& claim) {
  if (claim.objects.size() != 1 || claim.objects[0].count != 2) return claim;
  Claim result = claim;
  result.objects[0].count = 1;
  result.objects.push_back(result.objects[0]);
  result.relation = Relation::kAnd;
  return result;
}

}  // namespace

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

int count_objects(const Claim& claim) {
  int count = 0;
  for (const ObjectClaim& object : claim.objects) count += object.count;
  return count;
}

Claim turned(const Claim& claim) {
  Claim result = claim;
  if (claim.objects.size() == 2) std::swap(result.objects[0], result.objects[1]);
  result.relation = opposite(claim.relation);
  return result;
}

bool same_meaning(const Claim& a, const Claim& b) {
  if (background(a) != background(b)) return false;
  const Claim other = spelt_out(b);
  const auto same = [&](const Claim& c) {
    return c.objects == other.objects && c.relation == other.relation;
  };
  const Claim one = spelt_out(a);
  return same(one) || same(turned(one));
}

bool compatible(const Claim& a, const Claim& b) {
  const Claim one = spelt_out(a), other = spelt_out(b);
  if (one.objects.size() != other.objects.size() || background(a) != background(b)) return false;
  return compatible_in_order(one, other) || compatible_in_order(turned(one), other);
}

Place place(const Object& first, const Object& second) {
  const double dx = second.x - first.x, dy = second.y - first.y;
  if (std::abs(dx) > std::abs(dy)) return dx > 0 ? kAtLeft : kAtRight;
  return dy > 0 ? kAtTop : kAtBottom;
}

bool is_true(const Claim& claim, const Scene& scene) {
  const auto& seen = scene.objects;
  if (background(claim) != scene.background) return false;
  if (count_objects(claim) != static_cast<int>(seen.size())) return false;
  const Claim said = spelt_out(claim);
  if (said.objects.size() == 1) {
    for (const Object& object : seen)
      if (!is_true(said.objects[0], object)) return false;
    return true;
  }
  const auto holds = [&](const Object& first, const Object& second) {
    return is_true(said.objects[0], first) && is_true(said.objects[1], second) &&
           (places(said.relation) & place(first, second)) != 0;
  };
  return holds(seen[0], seen[1]) || holds(seen[1], seen[0]);
}

}  // namespace unclip::world::picturebook
