#pragma once

#include <optional>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// What a scene is about; measurements are reported for each subject.
enum class Subject {
  kOne,     ///< one object
  kTwo,     ///< two objects
  kCount,   ///< two, three or four of a kind
  kSolids,  ///< one or two solids, as in the toy world
};

/// A random claim for training, never one that is held out.
Claim random_claim(Random& random);
Claim random_claim(Random& random, Subject subject);
/// A random claim that is held out.
Claim random_held_out_claim(Random& random, Subject subject);

/// A random relation, as frequent as in random claims; never kNone.
Relation random_relation(Random& random);

/// The ways to make a claim wrong. kSwap exchanges two objects' kinds, kKind replaces one kind.
enum class Change { kSwap, kRelation, kKind, kCount, kSize, kBackground };

/// The claim with one thing changed so that it is false for every scene of the original; nothing if
/// the claim does not allow that (no stated size to change) or if the changed claim would be held
/// out.
std::optional<Claim> changed(const Claim& claim, Change change, Random& random);
/// A hard negative: the claim with a random change, most often of a kind. Never held out.
Claim variant(const Claim& claim, Random& random);
/// The claim with the smallest possible error: one kind, count, size, background or the relation is
/// replaced, and nothing is added or left out. Never held out.
Claim one_word_wrong(const Claim& claim, Random& random);

}  // namespace unclip::world::picturebook
