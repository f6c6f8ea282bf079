#pragma once

#include <array>
#include <vector>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// Two things that no training scene shows together, in any relation.
struct HeldOutPair {
  Kind first, second;
};

/// An object that no training scene shows on these backgrounds.
struct HeldOutBackground {
  Kind kind;
  std::array<Background, 2> backgrounds;
};

/// All such pairs: of two objects, and of the toy world's solids.
const std::vector<HeldOutPair>& held_out_pairs();
const std::vector<HeldOutBackground>& held_out_backgrounds();
/// Objects of which no training scene shows exactly three.
const std::vector<Kind>& held_out_counts();
/// Solids that no training scene shows without another object.
const std::vector<Kind>& held_out_solids();

}  // namespace unclip::world::picturebook
