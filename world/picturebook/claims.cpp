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

constexpr double kBackgroundIsStated = 0.75, kStatedIsWhite = 0.06;
constexpr double kSizeIsStated = 0.3;
constexpr double kSolidShare = 0.08;  // of the objects of scenes that are not of solids only

std::optional<Background> random_stated_background(Random& random) {
  if (!chance(random, kBackgroundIsStated)) return std::nullopt;
  if (chance(random, kStatedIsWhite)) return Background::kWhite;
  return static_cast<Background>(1 + below(random, kBackgrounds - 1));
}

// A random background of the toy world, as frequent as there.
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
  claim.relation = random_relation(random);
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

}  // namespace

Relation random_relation(Random& random) {
  constexpr Weighted<Relation> kRelations[] = {
      {Relation::kLeftOf, 0.18}, {Relation::kRightOf, 0.18}, {Relation::kAbove, 0.18},
      {Relation::kBelow, 0.18},  {Relation::kNextTo, 0.14},  {Relation::kAnd, 0.14}};
  return pick_weighted(random, kRelations).value;
}

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

}  // namespace unclip::world::picturebook
