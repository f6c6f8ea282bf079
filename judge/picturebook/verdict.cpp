#include "judge/picturebook/verdict.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace unclip::judge::picturebook {
namespace {

constexpr double kApart = 0.15;  // of the image's side; nearer objects have no clear order
constexpr size_t kMostPaired = 6;

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

// The requested objects, one entry for each.
std::vector<Wanted> singly(const Request& request) {
  std::vector<Wanted> list;
  for (const Wanted& wanted : request.objects) {
    for (int i = 0; i < wanted.count; ++i) list.push_back({wanted.kind, 1, wanted.size});
  }
  return list;
}

// The verdict if requested object i is found object order[i].
Verdict compare_in_order(const Sighting& sighting, const Request& request,
                         const std::vector<Wanted>& wanted, const std::vector<size_t>& order) {
  Verdict verdict{.kinds = true, .sizes = true, .position = true};
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Seen& seen = sighting.objects[order[i]];
    verdict.kinds &= seen.kind == wanted[i].kind;
    verdict.sizes &= !wanted[i].size || seen.size == *wanted[i].size;
  }
  if (request.objects.size() == 2 && wanted.size() == 2) {
    verdict.position =
        stands(sighting.objects[order[0]], sighting.objects[order[1]], request.relation);
  }
  return verdict;
}

}  // namespace

Verdict compare(const Sighting& sighting, const Request& request) {
  Verdict best;
  const auto wanted = singly(request);
  std::vector<size_t> order(sighting.objects.size());
  std::iota(order.begin(), order.end(), 0);
  if (order.size() >= wanted.size()) {
    const auto rank = [](const Verdict& v) {
      return std::tuple(v.kinds, v.position && v.sizes, v.position, v.sizes);
    };
    do {
      const Verdict next = compare_in_order(sighting, request, wanted, order);
      if (rank(next) > rank(best)) best = next;
    } while (order.size() <= kMostPaired && std::next_permutation(order.begin(), order.end()));
  }
  best.count = order.size() == wanted.size();
  best.background = sighting.background == request.background;
  return best;
}

}  // namespace unclip::judge::picturebook
