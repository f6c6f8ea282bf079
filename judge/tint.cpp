#include "judge/tint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace unclip::judge {

namespace {

constexpr float kSameHue = 30;        // degrees
constexpr float kOtherHue = 14;       // degrees; yellow and orange are 19 apart
constexpr float kLeastChroma = .15f;  // a greyer pixel's hue is noise
constexpr double kAgreement = .75;    // share of the pixels that must have the object's hue
constexpr double kSecondColour = .2;  // share of the pixels that makes a second colour
constexpr float kNearColour = .2f;    // distance from a nominal colour in some light

struct NominalTint {
  Colour colour;
  Rgb rgb;
};
constexpr NominalTint kTints[] = {
    {Colour::kRed, {.86f, .12f, .12f}},    {Colour::kOrange, {.98f, .55f, .05f}},
    {Colour::kYellow, {.97f, .85f, .10f}}, {Colour::kGreen, {.15f, .65f, .20f}},
    {Colour::kBlue, {.10f, .30f, .85f}},   {Colour::kPurple, {.50f, .20f, .65f}},
    {Colour::kPink, {.95f, .50f, .70f}},   {Colour::kBrown, {.45f, .28f, .15f}}};

float chroma(const Rgb& rgb) {
  const auto [least, most] = std::minmax({rgb[0], rgb[1], rgb[2]});
  return most - least;
}

// Hue in degrees; it does not change under k rgb + h (1, 1, 1), that is with light and highlight.
float hue(const Rgb& rgb) {
  const float range = chroma(rgb), most = std::max({rgb[0], rgb[1], rgb[2]});
  if (range <= 0) return 0;
  if (most == rgb[0]) return std::fmod(60 * (rgb[1] - rgb[2]) / range + 360, 360.f);
  if (most == rgb[1]) return 60 * (rgb[2] - rgb[0]) / range + 120;
  return 60 * (rgb[0] - rgb[1]) / range + 240;
}

float angle_between(float a, float b) {
  const float d = std::abs(a - b);
  return std::min(d, 360 - d);
}

// The colour with the nearest hue; brown counts as orange.
Colour hue_class(const Rgb& rgb) {
  static const auto kHues = [] {
    std::array<float, std::size(kTints)> hues;
    for (size_t i = 0; i < hues.size(); ++i) hues[i] = hue(kTints[i].rgb);
    return hues;
  }();
  const float h = hue(rgb);
  size_t best = 0;
  for (size_t i = 1; i < kHues.size(); ++i) {
    if (angle_between(h, kHues[i]) < angle_between(h, kHues[best])) best = i;
  }
  return kTints[best].colour == Colour::kBrown ? Colour::kOrange : kTints[best].colour;
}

// The inner pixels of an object, whose colour is not mixed with the surroundings.
std::vector<int> core_of(const Mask& object) {
  for (int steps = 3;; --steps) {
    const Mask core = eroded(object, steps);
    if (steps > 0 && area(core) * 4 < area(object)) continue;
    std::vector<int> pixels;
    for (int p = 0; p < kPixels; ++p) {
      if (core[p]) pixels.push_back(p);
    }
    return pixels;
  }
}

using Votes = std::array<int, std::size(kTints) + 1>;  // by Colour

// Counts the pixels by colour. Grey pixels are not counted, because their hue is noise.
Votes count_hues(const Raster& raster, const std::vector<int>& pixels) {
  Votes votes = {};
  for (int p : pixels) {
    if (chroma(raster[p]) >= kLeastChroma) ++votes[static_cast<size_t>(hue_class(raster[p]))];
  }
  return votes;
}

// The most frequent colour other than `except`.
Colour winner(const Votes& votes, Colour except) {
  size_t best = 0;
  for (size_t i = 1; i < votes.size(); ++i) {
    if (i != static_cast<size_t>(except) && (best == 0 || votes[i] > votes[best])) best = i;
  }
  return static_cast<Colour>(best);
}

// The hue of the mean of the pixels that were counted for a colour.
float mean_hue(const Raster& raster, const std::vector<int>& pixels, Colour colour) {
  Rgb sum = {};
  for (int p : pixels) {
    if (chroma(raster[p]) < kLeastChroma || hue_class(raster[p]) != colour) continue;
    for (int c = 0; c < 3; ++c) sum[c] += raster[p][c];
  }
  return hue(sum);
}

// The share of the pixels' chroma whose hue is within kSameHue of `with`.
double agreement(const Raster& raster, const std::vector<int>& pixels, float with) {
  double same = 0, all = 1e-9;
  for (int p : pixels) {
    const double weight = chroma(raster[p]);
    all += weight;
    if (angle_between(hue(raster[p]), with) < kSameHue) same += weight;
  }
  return same / all;
}

// Distance of a colour from a nominal one under the light and highlight that fit it best. Unlikely
// light adds to the distance, and so does each degree of hue, because light does not change hue; a
// degree counts less if there is less chroma.
float distance_in_light(const Rgb& rgb, const Rgb& nominal) {
  float best = 1e9f;
  for (float light = .4f; light <= 1.1f; light += .05f) {
    for (float white = 0; white <= .3f; white += .05f) {
      float sum = 0;
      for (int c = 0; c < 3; ++c) {
        const float d = rgb[c] - std::min(1.f, light * nominal[c] + white);
        sum += d * d;
      }
      best = std::min(best, std::sqrt(sum) + .15f * std::abs(std::log(light)) + .3f * white);
    }
  }
  return best + .008f * chroma(rgb) * angle_between(hue(rgb), hue(nominal));
}

// The mean of the pixels in the middle half by lightness, which excludes shade and highlight.
Rgb lit_colour(const Raster& raster, std::vector<int> pixels) {
  const auto lightness = [&](int p) { return raster[p][0] + raster[p][1] + raster[p][2]; };
  std::sort(pixels.begin(), pixels.end(),
            [&](int p, int q) { return lightness(p) < lightness(q); });
  const size_t from = pixels.size() / 4, to = std::max(from + 1, pixels.size() * 3 / 4);
  Rgb mean = {};
  for (size_t i = from; i < to; ++i) {
    for (int c = 0; c < 3; ++c) mean[c] += raster[pixels[i]][c] / static_cast<float>(to - from);
  }
  return mean;
}

}  // namespace

Colour colour_of(const Raster& raster, const Mask& object) {
  const auto pixels = core_of(object);
  if (pixels.empty()) return Colour::kUnknown;
  const Rgb lit = lit_colour(raster, pixels);
  if (agreement(raster, pixels, hue(lit)) < kAgreement) return Colour::kUnknown;
  const NominalTint* best = nullptr;
  float least = kNearColour;
  for (const NominalTint& candidate : kTints) {
    const float distance = distance_in_light(lit, candidate.rgb);
    if (distance < least) {
      least = distance;
      best = &candidate;
    }
  }
  return best ? best->colour : Colour::kUnknown;
}

std::vector<Mask> split_by_colour(const Raster& raster, const Mask& object) {
  const auto pixels = core_of(object);
  const Votes votes = count_hues(raster, pixels);
  const Colour first = winner(votes, Colour::kUnknown), second = winner(votes, first);
  if (votes[static_cast<size_t>(second)] < kSecondColour * static_cast<double>(pixels.size())) {
    return {object};
  }
  // A single colour between two of the eight does not count as two colours.
  const float hue_a = mean_hue(raster, pixels, first), hue_b = mean_hue(raster, pixels, second);
  if (angle_between(hue_a, hue_b) < kOtherHue) return {object};

  std::vector<Mask> parts(2, Mask(kPixels, 0));
  for (int p = 0; p < kPixels; ++p) {
    if (!object[p]) continue;
    const float h = hue(raster[p]);
    parts[angle_between(h, hue_b) < angle_between(h, hue_a)][p] = 1;
  }
  for (Mask& part : parts) {
    auto pieces = components(part);
    if (pieces.empty()) return {object};
    part = std::move(pieces.front());
  }
  return parts;
}

}  // namespace unclip::judge
