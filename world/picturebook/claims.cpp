#include "world/picturebook/claims.h"

#include <utility>

#include "world/picturebook/held_out.h"

namespace unclip::world::picturebook {
namespace {

template <class Value>
struct Weighted {
  Value value;
  double weight;
};

constexpr Weighted<Relation> kRelations[] = {{Relation::kLeftOf, 0.18}, {Relation::kRightOf, 0.18},
                                             {Relation::kAbove, 0.18},  {Relation::kBelow, 0.18},
                                             {Relation::kNextTo, 0.14}, {Relation::kAnd, 0.14}};

constexpr double kBackgroundIsStated = 0.75, kStatedIsWhite = 0.06;
constexpr double kSizeIsStated = 0.3;
constexpr double kSolidShare = 0.08;  // of the objects of scenes that are not of solids only
constexpr int kNear = 4;              // lines of objects.tsv that are of much the same things

std::optional<Background> random_stated_background(Random& random) {
  if (!chance(random, kBackgroundIsStated)) return std::nullopt;
  if (chance(random, kStatedIsWhite)) return Background::kWhite;
  return static_cast<Background>(1 + below(random, kBackgrounds - 1));
}

// The toy world's backgrounds, as often as there.
std::optional<Background> random_toy_background(Random& random) {
  if (chance(random, 0.4)) return std::nullopt;
  return chance(random, 0.1) ? Background::kWhite : static_cast<Background>(1 + below(random, 3));
}

std::optional<Size> random_stated_size(Random& random) {
  if (!chance(random, kSizeIsStated)) return std::nullopt;
  return chance(random, 0.5) ? Size::kSmall : Size::kBig;
}

Kind random_object_kind(Random& random) { return Kind(below(random, kObjects)); }
Kind random_solid(Random& random) { return Kind(kObjects + below(random, kSolids)); }
Kind random_kind(Random& random) {
  return chance(random, kSolidShare) ? random_solid(random) : random_object_kind(random);
}

Claim pair_of(Kind first, Kind second, Random& random) {
  Claim claim;
  for (const Kind kind : {first, second})
    claim.objects.push_back({kind, 1, random_stated_size(random)});
  claim.relation = pick_weighted(random, kRelations).value;
  claim.background = random_stated_background(random);
  return claim;
}

Claim group_of(Kind kind, int count, Random& random) {
  Claim claim;
  claim.objects = {{kind, count, count < 3 ? random_stated_size(random) : std::nullopt}};
  claim.background = random_stated_background(random);
  return claim;
}

Claim draw_claim(Random& random, Subject subject) {
  switch (subject) {
    case Subject::kOne:
      return group_of(random_kind(random), 1, random);
    case Subject::kTwo: {
      const Kind first = random_kind(random);
      Kind second = first;
      while (second == first) second = random_kind(random);
      return pair_of(first, second, random);
    }
    case Subject::kCount: {
      const int count = 2 + below(random, 3);
      return group_of(random_kind(random), count, random);
    }
    case Subject::kSolids:
      break;
  }
  Claim claim = chance(random, 0.35) ? group_of(random_solid(random), 1, random)
                                     : pair_of(random_solid(random), random_solid(random), random);
  claim.background = random_toy_background(random);
  return claim;
}

// Another value of an enumeration of n values.
template <class Enum>
Enum another(Enum value, int n, Random& random) {
  return static_cast<Enum>((static_cast<int>(value) + 1 + below(random, n - 1)) % n);
}

Relation another_relation(Relation relation, Random& random) {
  // The opposite relation is the hardest error to see, so half of the changes are that.
  if (opposite(relation) != relation && chance(random, 0.5)) return opposite(relation);
  for (;;) {
    const Relation drawn = pick_weighted(random, kRelations).value;
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
    // What is near in the table is alike: another animal, another face.
    const Kind drawn =
        chance(random, 0.4)
            ? Kind((kind.index() + kObjects - kNear + below(random, 2 * kNear + 1)) % kObjects)
            : random_object_kind(random);
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

Claim random_claim(Random& random) {
  constexpr Weighted<Subject> kSubjects[] = {{Subject::kOne, 0.27},
                                             {Subject::kTwo, 0.36},
                                             {Subject::kCount, 0.27},
                                             {Subject::kSolids, 0.10}};
  return random_claim(random, pick_weighted(random, kSubjects).value);
}

Claim random_claim(Random& random, Subject subject) {
  for (;;) {
    const Claim claim = draw_claim(random, subject);
    if (!held_out(claim)) return claim;
  }
}

Claim random_held_out_claim(Random& random, Subject subject) {
  const auto one_of = [&](const auto& list) {
    return list[static_cast<size_t>(below(random, static_cast<int>(list.size())))];
  };
  switch (subject) {
    case Subject::kOne: {
      const HeldOutBackground held = one_of(held_out_backgrounds());
      Claim claim = group_of(held.kind, 1, random);
      claim.background = one_of(held.backgrounds);
      return claim;
    }
    case Subject::kCount:
      return group_of(one_of(held_out_counts()), 3, random);
    case Subject::kTwo:
    case Subject::kSolids:
      break;
  }
  const bool solids = subject == Subject::kSolids;
  Claim claim;
  if (solids && chance(random, 0.35)) {
    claim = group_of(one_of(held_out_solids()), 1, random);
  } else {
    HeldOutPair pair = one_of(held_out_pairs());
    while (pair.first.is_solid() != solids) pair = one_of(held_out_pairs());
    if (chance(random, 0.5)) std::swap(pair.first, pair.second);
    claim = pair_of(pair.first, pair.second, random);
  }
  if (solids) claim.background = random_toy_background(random);
  return claim;
}

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
  // What the change did not touch, or what is still true of some scenes, is no error.
  if (compatible(claim, result) || held_out(result)) return std::nullopt;
  return result;
}

Claim variant(const Claim& claim, Random& random) {
  constexpr Weighted<Change> kChanges[] = {{Change::kSwap, 0.22}, {Change::kRelation, 0.14},
                                           {Change::kKind, 0.36}, {Change::kCount, 0.12},
                                           {Change::kSize, 0.06}, {Change::kBackground, 0.10}};
  return change_somehow(claim, kChanges, random);
}

Claim one_word_wrong(const Claim& claim, Random& random) {
  constexpr Weighted<Change> kChanges[] = {{Change::kRelation, 1},
                                           {Change::kKind, 2},
                                           {Change::kCount, 1},
                                           {Change::kSize, 1},
                                           {Change::kBackground, 1}};
  for (;;) {
    const Claim result = change_somehow(claim, kChanges, random);
    // A background or a size that is named in one of the two only is more than one word.
    if (result.background.has_value() != claim.background.has_value()) continue;
    bool same_sizes = true;
    for (size_t i = 0; i < claim.objects.size(); ++i) {
      same_sizes &= claim.objects[i].size.has_value() == result.objects[i].size.has_value();
    }
    if (same_sizes) return result;
  }
}

}  // namespace unclip::world::picturebook
