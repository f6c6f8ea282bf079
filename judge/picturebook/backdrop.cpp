#include "judge/picturebook/backdrop.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace unclip::judge::picturebook {
namespace {

constexpr int kBorder = 5;            // columns of the working grid on each side
constexpr float kFarthest = 0.25f;    // limit of a row's distance, because an object may be there
constexpr float kRecognised = 0.09f;  // largest mean distance from a background of the world
constexpr float kAlike = 0.08f;       // largest distance between the two sides of a row

/// Colours at the top, just above and below the horizon, and at the bottom.
struct Look {
  Background background;
  Rgb top, above, below, bottom;
};

constexpr Look kLooks[] = {{Background::kWhite,
                            {.95f, .95f, .94f},
                            {.94f, .94f, .92f},
                            {.93f, .93f, .91f},
                            {.91f, .91f, .89f}},
                           {Background::kSky,
                            {.76f, .88f, .96f},
                            {.74f, .85f, .93f},
                            {.74f, .85f, .93f},
                            {.72f, .83f, .91f}},
                           {Background::kMint,
                            {.83f, .93f, .79f},
                            {.80f, .90f, .77f},
                            {.80f, .90f, .77f},
                            {.78f, .88f, .75f}},
                           {Background::kNight,
                            {.25f, .27f, .32f},
                            {.25f, .27f, .31f},
                            {.25f, .27f, .31f},
                            {.24f, .26f, .31f}},
                           {Background::kGrass,
                            {.53f, .76f, .96f},
                            {.85f, .94f, .99f},
                            {.53f, .76f, .30f},
                            {.35f, .60f, .19f}},
                           {Background::kSea,
                            {.60f, .82f, .97f},
                            {.87f, .95f, .99f},
                            {.14f, .46f, .72f},
                            {.06f, .29f, .58f}},
                           {Background::kBeach,
                            {.52f, .79f, .97f},
                            {.82f, .94f, .99f},
                            {.96f, .87f, .63f},
                            {.89f, .76f, .50f}},
                           {Background::kSnow,
                            {.66f, .75f, .84f},
                            {.82f, .87f, .92f},
                            {.98f, .99f, 1.f},
                            {.89f, .93f, .98f}},
                           {Background::kDesert,
                            {.47f, .70f, .86f},
                            {.97f, .90f, .74f},
                            {.88f, .62f, .33f},
                            {.74f, .45f, .21f}},
                           {Background::kSunset,
                            {.40f, .25f, .52f},
                            {.99f, .62f, .32f},
                            {.33f, .20f, .29f},
                            {.19f, .12f, .20f}},
                           {Background::kStars,
                            {.04f, .06f, .22f},
                            {.17f, .22f, .46f},
                            {.10f, .19f, .15f},
                            {.05f, .10f, .08f}}};

constexpr double kHighest = .55, kLowest = .67, kStep = .01;  // horizons
constexpr double kStripOfSea = .07;                           // behind a beach
constexpr Rgb kDistantSea = {.16f, .56f, .76f};

float distance(const Rgb& a, const Rgb& b) {
  const float red = a[0] - b[0], green = a[1] - b[1], blue = a[2] - b[2];
  return std::sqrt(red * red + green * green + blue * blue);
}

Rgb mix(const Rgb& a, const Rgb& b, double t) {
  const auto share = static_cast<float>(t);
  return {a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share};
}

Rgb expected(const Look& look, double horizon, int row) {
  const double y = (row + .5) / kSide;
  if (y > horizon) return mix(look.below, look.bottom, (y - horizon) / (1 - horizon));
  if (look.background == Background::kBeach && y > horizon - kStripOfSea) return kDistantSea;
  return mix(look.top, look.above, y / horizon);
}

// The median colour of the first `first` and the last `last` pixels of a row.
Rgb median(const Raster& raster, int row, int first, int last) {
  Rgb middle;
  for (size_t c = 0; c < 3; ++c) {
    std::vector<float> values;
    for (int x = 0; x < first; ++x) values.push_back(raster[row * kSide + x][c]);
    for (int x = kSide - last; x < kSide; ++x) values.push_back(raster[row * kSide + x][c]);
    const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), half, values.end());
    middle[c] = *half;
  }
  return middle;
}

using Borders = std::array<std::pair<Rgb, Rgb>, kSide>;

float cost(const Look& look, double horizon, const Borders& borders) {
  float sum = 0;
  for (int row = 0; row < kSide; ++row) {
    const Rgb colour = expected(look, horizon, row);
    const auto& [left, right] = borders[row];
    sum += std::min({distance(left, colour), distance(right, colour), kFarthest});
  }
  return sum / kSide;
}

}  // namespace

Backdrop find_backdrop(const Raster& raster) {
  Borders borders;
  for (int row = 0; row < kSide; ++row) {
    borders[row] = {median(raster, row, kBorder, 0), median(raster, row, 0, kBorder)};
  }
  const Look* best = nullptr;
  double horizon = 0;
  float least = 1e9f;
  for (const Look& look : kLooks) {
    for (double y = kHighest; y <= kLowest; y += kStep) {
      const float next = cost(look, y, borders);
      if (next >= least) continue;
      least = next;
      best = &look;
      horizon = y;
    }
  }
  Backdrop backdrop;
  if (least < kRecognised) backdrop.background = best->background;
  for (int row = 0; row < kSide; ++row) {
    const auto& [left, right] = borders[row];
    const Rgb colour = expected(*best, horizon, row);
    if (distance(left, right) < kAlike) {
      backdrop.rows[row] = median(raster, row, kBorder, kBorder);
    } else {
      backdrop.rows[row] = distance(left, colour) < distance(right, colour) ? left : right;
    }
  }
  return backdrop;
}

}  // namespace unclip::judge::picturebook
