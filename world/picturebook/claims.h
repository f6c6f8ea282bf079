#pragma once

#include <optional>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// What a scene is about; figures are reported for each.
enum class Subject {
  kOne,     ///< one object
  kTwo,     ///< two objects
  kCount,   ///< two, three or four of a kind
  kSolids,  ///< one solid or two, as the toy world has them
};

/// A claim for training, never held out.
Claim random_claim(Random& random);
Claim random_claim(Random& random, Subject subject);
/// A claim that is held out.
Claim random_held_out_claim(Random& random, Subject subject);

/// As often as claims have it; never kNone.
Relation random_relation(Random& random);

/// What can be made wrong in a claim. kSwap exchanges two objects' kinds, kKind replaces one kind.
enum class Change { kSwap, kRelation, kKind, kCount, kSize, kBackground };

/// The claim with one thing changed so that it is false of every scene of the original; nothing if
/// the claim does not allow that (no stated size to change) or if the changed claim would be held
/// out.
std::optional<Claim> changed(const Claim& claim, Change change, Random& random);
/// A hard negative: a random change, most often of a kind, never held out.
Claim variant(const Claim& claim, Random& random);
/// A caption's smallest error: one kind, count, size, background or the relation is another, and
/// nothing is added or left out. Never held out.
Claim one_word_wrong(const Claim& claim, Random& random);

}  // namespace unclip::world::picturebook
