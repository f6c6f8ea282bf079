#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>

namespace unclip::world {

/// The C++ standard fixes its sequence, but not the results of <random>'s distributions. Therefore
/// use the functions below, so that one seed gives the same scenes and captions on every platform.
using Random = std::mt19937_64;

/// A uniform number in [low, high).
inline double uniform(Random& random, double low, double high) {
  return low + (high - low) * (static_cast<double>(random() >> 11) * 0x1p-53);
}

/// True with the given probability.
inline bool chance(Random& random, double probability) {
  return uniform(random, 0, 1) < probability;
}

/// A uniform integer in 0 ... n - 1.
inline int below(Random& random, int n) { return static_cast<int>(uniform(random, 0, n)); }

/// An element of a list, drawn in proportion to its member `weight`.
template <class List>
const auto& pick_weighted(Random& random, const List& list) {
  double sum = 0;
  for (const auto& item : list) sum += item.weight;
  double rest = uniform(random, 0, sum);
  auto it = std::begin(list);
  while (std::next(it) != std::end(list) && rest >= it->weight) rest -= (it++)->weight;
  return *it;
}

}  // namespace unclip::world
