// Claims that are wrong in one thing.

#include <utility>

#include "world/picturebook/claims.h"

namespace unclip::world::picturebook {
namespace {

template <class ChangeValue>
struct WeightedChange {
  ChangeValue value;
  double weight;
};

constexpr int kNear = 4;  // lines of objects.tsv within which objects are similar

// A random other value of an enumeration of n values.
template <class Enum>
Enum another(Enum value, int n, Random& random) {
  return static_cast<Enum>((static_cast<int>(value) + 1 + below(random, n - 1)) % n);
}

Relation another_relation(Relation relation, Random& random) {
  // The opposite relation is the error that is hardest to notice, so half of the changes are that.
  if (opposite(relation) != relation && chance(random, 0.5)) return opposite(relation);
  for (;;) {
    const Relation drawn = random_relation(random);
    if (drawn != relation) return drawn;
  }
}

Kind another_kind(Kind kind, Random& random) {
  if (kind.is_solid()) {
    // One word: another shape or another colour.
    if (chance(random, 0.5)) return {another(kind.shape(), kShapes, random), kind.colour()};
    return {kind.shape(), another(kind.colour(), kColours, random)};
  }
  for (;;) {
    // Objects that are near in the table are similar: another animal, another face.
    const Kind drawn =
        chance(random, 0.4)
            ? Kind((kind.index() + kObjects - kNear + below(random, 2 * kNear + 1)) % kObjects)
            : Kind(below(random, kObjects));
    if (drawn != kind) return drawn;
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

std::optional<Claim> changed(const Claim& claim, Change change, Random& random) {
  Claim result = claim;
  ObjectClaim& first = result.objects.front();
  ObjectClaim& second = result.objects.back();
  ObjectClaim& one = chance(random, 0.5) ? first : second;
  switch (change) {
    case Change::kSwap:
      std::swap(first.kind, second.kind);
      break;
    case Change::kRelation:
      if (claim.objects.size() == 2) result.relation = another_relation(claim.relation, random);
      break;
    case Change::kKind:
      one.kind = another_kind(one.kind, random);
      break;
    case Change::kCount:
      if (claim.objects.size() == 2) return std::nullopt;
      one.count = 1 + (one.count + below(random, kMostObjects - 1)) % kMostObjects;
      if (one.count > 2) one.size = std::nullopt;
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
  constexpr WeightedChange<Change> kChanges[] = {
      {Change::kSwap, 0.22},  {Change::kRelation, 0.14}, {Change::kKind, 0.36},
      {Change::kCount, 0.12}, {Change::kSize, 0.06},     {Change::kBackground, 0.10}};
  return change_somehow(claim, kChanges, random);
}

Claim one_word_wrong(const Claim& claim, Random& random) {
  constexpr WeightedChange<Change> kChanges[] = {{Change::kRelation, 1},
                                                 {Change::kKind, 2},
                                                 {Change::kCount, 1},
                                                 {Change::kSize, 1},
                                                 {Change::kBackground, 1}};
  for (;;) {
    const Claim result = change_somehow(claim, kChanges, random);
    // A background or a size that only one of the two names is a difference of more than one word.
    if (result.background.has_value() != claim.background.has_value()) continue;
    bool same_sizes = true;
    for (size_t i = 0; i < claim.objects.size(); ++i) {
      same_sizes &= claim.objects[i].size.has_value() == result.objects[i].size.has_value();
    }
    if (same_sizes) return result;
  }
}

}  // namespace unclip::world::picturebook
