#include "judge/verdict.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <vector>

namespace unclip::judge {

namespace {

constexpr double kApart = .15;  // of the image's side; objects that are nearer have no clear order

bool shape_fits(const Seen& seen, const Wanted& wanted) { return seen.shape == wanted.shape; }

bool colour_fits(const Seen& seen, const Wanted& wanted) {
  return !wanted.colour || seen.colour == *wanted.colour;
}

bool size_fits(const Seen& seen, const Wanted& wanted) {
  return !wanted.size || seen.size == *wanted.size;
}

bool stands(const Seen& first, const Seen& second, Relation relation) {
  const double dx = first.x - second.x, dy = first.y - second.y;
  const bool sideways = std::abs(dx) > std::abs(dy) && std::abs(dx) >= kApart;
  const bool upright = std::abs(dy) > std::abs(dx) && std::abs(dy) >= kApart;
  switch (relation) {
    case Relation::kAnyPlace:
      return true;
    case Relation::kLeftOf:
      return sideways && dx < 0;
    case Relation::kRightOf:
      return sideways && dx > 0;
    case Relation::kAbove:
      return upright && dy < 0;
    case Relation::kBelow:
      return upright && dy > 0;
    case Relation::kNextTo:
      return sideways;
  }
  return false;
}

// The verdict if requested object i is found object order[i].
Verdict compare_in_order(const Sighting& sighting, const Request& request,
                         const std::vector<size_t>& order) {
  const auto all = [&](auto fits) {
    for (size_t i = 0; i < request.objects.size(); ++i) {
      if (!fits(sighting.objects[order[i]], request.objects[i])) return false;
    }
    return true;
  };
  Verdict verdict;
  verdict.shapes = all(shape_fits);
  verdict.colours = all(colour_fits);
  verdict.attribution = verdict.shapes && verdict.colours;
  verdict.sizes = all(size_fits);
  verdict.position =
      request.objects.size() < 2 ||
      stands(sighting.objects[order[0]], sighting.objects[order[1]], request.relation);
  return verdict;
}

}  // namespace

Verdict compare(const Sighting& sighting, const Request& request) {
  // Over all pairings: the answers about all objects together are those of any pairing, the others
  // those of the best. If there are more objects than were asked for, a pairing leaves some out.
  Verdict best;
  bool any_shapes = false, any_colours = false;
  std::vector<size_t> order(sighting.objects.size());
  std::iota(order.begin(), order.end(), 0);
  if (sighting.objects.size() >= request.objects.size()) {
    const auto rank = [](const Verdict& v) {
      return std::tuple(v.attribution, v.shapes, v.colours, v.position && v.sizes, v.position,
                        v.sizes);
    };
    do {
      const Verdict next = compare_in_order(sighting, request, order);
      any_shapes |= next.shapes;
      any_colours |= next.colours;
      if (rank(next) > rank(best)) best = next;
    } while (order.size() <= 4 && std::next_permutation(order.begin(), order.end()));
  }
  best.shapes = any_shapes;
  best.colours = any_colours;
  best.count = sighting.objects.size() == request.objects.size();
  best.background = sighting.background == request.background;
  return best;
}

}  // namespace unclip::judge
