#include "judge/judge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "judge/foreground.h"
#include "judge/raster.h"
#include "judge/silhouette.h"
#include "judge/tint.h"

namespace unclip::judge {

namespace {

constexpr double kHighlight = .06;  // a smaller hole is a highlight; a ring's is a fifth

// A shape is clear if its silhouette overlaps well and is ahead of the second best, or if it
// overlaps fairly (stars are easily distorted) and is far ahead.
constexpr double kWell = .88, kAhead = .012;
constexpr double kFairly = .78, kFarAhead = .1;

constexpr double kSmall = .14, kBig = .21, kAlone = 1.5;  // radii; a single object is larger

// The best of the six silhouettes, and how far it is ahead of the second.
std::pair<Fit, double> best_fit(const Mask& mask) {
  Fit best;
  double second = 0;
  for (Shape shape :
       {Shape::kBall, Shape::kCube, Shape::kCylinder, Shape::kCone, Shape::kRing, Shape::kStar}) {
    const Fit next = fit(shape, mask);
    if (next.overlap > best.overlap) {
      second = best.overlap;
      best = next;
    } else {
      second = std::max(second, next.overlap);
    }
  }
  return {best, best.overlap - second};
}

// Whether the mask has a hole in its middle. The hole of a highlight is not in the middle.
bool hole_in_the_middle(const Mask& mask) {
  const Mask whole = without_small_holes(mask, /*share=*/kPixels);
  double x = 0, y = 0;
  for (int p = 0; p < kPixels; ++p) {
    x += whole[p] * (p % kSide);
    y += whole[p] * (p / kSide);
  }
  const int n = area(whole);
  const int middle = static_cast<int>(y / n + .5) * kSide + static_cast<int>(x / n + .5);
  return whole[middle] && !mask[middle];
}

// The number of pixels of one mask that have a neighbour in the other.
int contact(const Mask& a, const Mask& b) {
  const Mask nearby = grown(b);
  int count = 0;
  for (int p = 0; p < kPixels; ++p) count += a[p] && nearby[p];
  return count;
}

Seen see(const Raster& raster, const Mask& mask) {
  const auto [fitted, margin] = best_fit(mask);
  Seen seen;
  seen.colour = colour_of(raster, mask);
  seen.x = fitted.x / kSide;
  seen.y = fitted.y / kSide;
  seen.r = fitted.r / kSide;
  seen.overlap = fitted.overlap;
  seen.margin = margin;
  const bool clear = (fitted.overlap >= kWell && margin >= kAhead) ||
                     (fitted.overlap >= kFairly && margin >= kFarAhead);
  const bool is_ring = fitted.shape == Shape::kRing;
  if (clear && hole_in_the_middle(mask) == is_ring) seen.shape = fitted.shape;
  return seen;
}

// The mask divided into two clusters (2-means).
std::vector<Mask> split_in_two(const Mask& mask) {
  double mean[2] = {}, spread[3] = {};
  const double n = area(mask);
  for (int p = 0; p < kPixels; ++p) {
    if (!mask[p]) continue;
    mean[0] += p % kSide / n;
    mean[1] += p / kSide / n;
  }
  for (int p = 0; p < kPixels; ++p) {
    if (!mask[p]) continue;
    const double dx = p % kSide - mean[0], dy = p / kSide - mean[1];
    spread[0] += dx * dx / n;
    spread[1] += dx * dy / n;
    spread[2] += dy * dy / n;
  }
  // Along the longer axis of the mask's ellipse of inertia.
  const double angle = .5 * std::atan2(2 * spread[1], spread[0] - spread[2]);
  double ax = mean[0] - std::cos(angle), ay = mean[1] - std::sin(angle);
  double bx = mean[0] + std::cos(angle), by = mean[1] + std::sin(angle);
  std::vector<Mask> parts;
  for (int round = 0; round < 8; ++round) {
    parts.assign(2, Mask(kPixels, 0));
    double sum[2][3] = {};
    for (int p = 0; p < kPixels; ++p) {
      if (!mask[p]) continue;
      const double x = p % kSide, y = p / kSide;
      const bool in_b = std::hypot(x - bx, y - by) < std::hypot(x - ax, y - ay);
      parts[in_b][p] = 1;
      sum[in_b][0] += 1;
      sum[in_b][1] += x;
      sum[in_b][2] += y;
    }
    if (sum[0][0] == 0 || sum[1][0] == 0) return {mask};
    ax = sum[0][1] / sum[0][0], ay = sum[0][2] / sum[0][0];
    bx = sum[1][1] / sum[1][0], by = sum[1][2] / sum[1][0];
  }
  return parts;
}

// The objects of a blob: one, or two that touch.
std::vector<Seen> see_blob(const Raster& raster, const Mask& blob) {
  std::vector<Seen> seen;
  for (const Mask& part : split_by_colour(raster, blob)) {
    const Mask whole = without_small_holes(part, kHighlight);
    seen.push_back(see(raster, whole));
    if (seen.back().shape != Shape::kUnknown) continue;
    const auto halves = split_in_two(whole);
    if (halves.size() < 2) continue;
    const Seen a = see(raster, halves[0]), b = see(raster, halves[1]);
    // Two objects touch at a waist; if the waist is as wide as they are, it is one object.
    const double waist = contact(halves[0], halves[1]) / static_cast<double>(kSide);
    if (a.shape == Shape::kUnknown || b.shape == Shape::kUnknown || waist > std::min(a.r, b.r)) {
      continue;
    }
    seen.back() = a;
    seen.push_back(b);
  }
  return seen;
}

Size size_of(double r, bool alone) {
  const double unit = alone ? kAlone : 1;
  if (r < .7 * kSmall * unit || r > 1.35 * kBig * unit) return Size::kUnknown;
  return r < std::sqrt(kSmall * kBig) * unit ? Size::kSmall : Size::kBig;
}

}  // namespace

Sighting look(const Picture& picture) {
  const Raster raster = smoothed(resample(picture));
  const Scenery scenery = find_foreground(raster);

  Sighting sighting{scenery.background, {}};
  for (const Mask& blob : components(scenery.foreground)) {
    const auto seen = see_blob(raster, without_small_holes(blob, kHighlight));
    sighting.objects.insert(sighting.objects.end(), seen.begin(), seen.end());
  }
  for (Seen& seen : sighting.objects) seen.size = size_of(seen.r, sighting.objects.size() == 1);
  std::sort(sighting.objects.begin(), sighting.objects.end(),
            [](const Seen& a, const Seen& b) { return a.x < b.x; });
  return sighting;
}

}  // namespace unclip::judge
