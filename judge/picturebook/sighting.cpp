#include "judge/picturebook/sighting.h"

#include <algorithm>
#include <cmath>

#include "judge/picturebook/match.h"

namespace unclip::judge::picturebook {
namespace {

// A pixel is not backdrop if it has at least the lower contrast, which depends on the noise, and is
// connected with pixels of the higher one.
constexpr float kLeastContrast = 0.02f, kContrast = 0.055f;
constexpr float kNoise = 4;        // times the median contrast
constexpr int kLeastClearly = 12;  // pixels of the higher contrast
constexpr double kClear = 0.7;     // least score to recognise a template
constexpr double kAhead = 1.004;   // least ratio of the score to the runner-up's
constexpr double kWhole = 0.86;    // score from which an object is not divided into parts
constexpr int kNear = 8;           // pixels between parts of one object
constexpr size_t kMostObjects = 6;
constexpr double kSmallest = 0.095, kMiddle = 0.175, kAlone = 1.5;  // radii

Mask find_foreground(const Raster& difference) {
  std::vector<float> contrasts(kPixels);
  for (int p = 0; p < kPixels; ++p) {
    const auto [r, g, b] = difference[p];
    contrasts[p] = std::sqrt(r * r + g * g + b * b);
  }
  auto sorted = contrasts;
  std::nth_element(sorted.begin(), sorted.begin() + kPixels / 2, sorted.end());
  const float least = std::clamp(kNoise * sorted[kPixels / 2], kLeastContrast, kContrast);
  Mask mask(kPixels), kept(kPixels, 0);
  for (int p = 0; p < kPixels; ++p) mask[p] = contrasts[p] > least;
  for (const Mask& part : components(mask)) {
    int clearly = 0;
    for (int p = 0; p < kPixels; ++p) clearly += part[p] && contrasts[p] > kContrast;
    if (clearly < kLeastClearly) continue;
    for (int p = 0; p < kPixels; ++p) kept[p] |= part[p];
  }
  return kept;
}

Box box_of(const Mask& mask) {
  Box box{1, 0, 1, 0};
  for (int p = 0; p < kPixels; ++p) {
    if (!mask[p]) continue;
    const double x = p % kSide, y = p / kSide;
    box = {std::min(box.left, x / kSide), std::max(box.right, (x + 1) / kSide),
           std::min(box.top, y / kSide), std::max(box.bottom, (y + 1) / kSide)};
  }
  return box;
}

// An object with the backdrop's colours may be visible only as several parts. Returns the first
// part with those that are near it, and all parts together.
std::vector<Mask> larger_groups(const std::vector<Mask>& parts) {
  Mask near = parts.front(), all = parts.front();
  Mask reach = parts.front();
  for (int i = 0; i < kNear; ++i) reach = grown(reach);
  for (size_t k = 1; k < parts.size(); ++k) {
    bool is_near = false;
    for (int p = 0; p < kPixels; ++p) {
      is_near |= reach[p] && parts[k][p];
      all[p] |= parts[k][p];
    }
    if (!is_near) continue;
    for (int p = 0; p < kPixels; ++p) near[p] |= parts[k][p];
  }
  std::vector<Mask> groups;
  if (near != parts.front()) groups.push_back(near);
  if (all != near) groups.push_back(all);
  return groups;
}

Match best_match(const Raster& difference, const Backdrop& backdrop,
                 const std::vector<Mask>& parts) {
  const Difference seen(difference, parts.front());
  const Box box = box_of(parts.front());
  Match whole = match_whole(seen, backdrop, box);
  if (whole.score >= kWhole) return whole;
  for (const Mask& group : larger_groups(parts)) {
    const Match match = match_whole(Difference(difference, group), backdrop, box_of(group));
    if (match.score > whole.score) whole = match;
  }
  if (whole.score >= kWhole) return whole;
  const Match piece = match_part(seen, backdrop, box);
  const double rank = piece.score * std::sqrt(std::max(0., piece.share));
  return piece.score >= kClear && rank > whole.score ? piece : whole;
}

Seen as_seen(const Match& match) {
  Seen seen{.x = match.at.x,
            .y = match.at.y,
            .r = match.at.r,
            .score = match.score,
            .runner_up = match.runner_up};
  if (match.score >= kClear && match.score >= kAhead * match.runner_up) seen.kind = match.kind;
  return seen;
}

void name_sizes(std::vector<Seen>& objects) {
  const double scale = objects.size() == 1 ? kAlone : 1;
  for (Seen& object : objects) {
    if (object.r < kSmallest) continue;
    object.size = object.r < scale * kMiddle ? Size::kSmall : Size::kBig;
  }
}

}  // namespace

Sighting look(const Picture& picture) {
  const Raster raster = resample(picture);
  const Backdrop backdrop = find_backdrop(raster);
  const Raster difference = subtract(raster, backdrop);
  Mask left = find_foreground(difference);
  Sighting sighting{.background = backdrop.background, .objects = {}};
  while (sighting.objects.size() < kMostObjects) {
    const auto parts = components(left);
    if (parts.empty()) break;
    const Match match = best_match(difference, backdrop, parts);
    const Seen seen = as_seen(match);
    sighting.objects.push_back(seen);
    const Mask done =
        match.kind == kUnknownKind || seen.kind == kUnknownKind ? parts.front() : covered(match);
    bool any = false;
    for (int p = 0; p < kPixels; ++p) {
      any |= left[p] && done[p];
      left[p] &= !done[p];
    }
    if (!any) break;
  }
  std::sort(sighting.objects.begin(), sighting.objects.end(),
            [](const Seen& a, const Seen& b) { return a.x < b.x; });
  name_sizes(sighting.objects);
  return sighting;
}

}  // namespace unclip::judge::picturebook
