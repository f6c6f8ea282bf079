#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "world/picturebook/render.h"
#include "world/render.h"

namespace unclip::world::picturebook {
namespace {

constexpr double kStripOfSea = 0.07;  // of the image's height, behind a beach
constexpr Rgb kSeaAtHorizon = {0.16f, 0.56f, 0.76f};
constexpr int kStarCount = 26;

/// Colours from top to bottom: the sky from `zenith` to `haze` at the horizon, the ground from
/// `far` to `near`.
struct Landscape {
  Rgb zenith, haze, far, near;
};

const Landscape& landscape(Background background) {
  static constexpr Landscape kGrass = {
      {0.53f, 0.76f, 0.96f}, {0.85f, 0.94f, 0.99f}, {0.53f, 0.76f, 0.30f}, {0.35f, 0.60f, 0.19f}};
  static constexpr Landscape kSea = {
      {0.60f, 0.82f, 0.97f}, {0.87f, 0.95f, 0.99f}, {0.14f, 0.46f, 0.72f}, {0.06f, 0.29f, 0.58f}};
  static constexpr Landscape kBeach = {
      {0.52f, 0.79f, 0.97f}, {0.82f, 0.94f, 0.99f}, {0.96f, 0.87f, 0.63f}, {0.89f, 0.76f, 0.50f}};
  static constexpr Landscape kSnow = {
      {0.66f, 0.75f, 0.84f}, {0.82f, 0.87f, 0.92f}, {0.98f, 0.99f, 1.00f}, {0.89f, 0.93f, 0.98f}};
  static constexpr Landscape kDesert = {
      {0.47f, 0.70f, 0.86f}, {0.97f, 0.90f, 0.74f}, {0.88f, 0.62f, 0.33f}, {0.74f, 0.45f, 0.21f}};
  static constexpr Landscape kSunset = {
      {0.40f, 0.25f, 0.52f}, {0.99f, 0.62f, 0.32f}, {0.33f, 0.20f, 0.29f}, {0.19f, 0.12f, 0.20f}};
  static constexpr Landscape kStars = {
      {0.04f, 0.06f, 0.22f}, {0.17f, 0.22f, 0.46f}, {0.10f, 0.19f, 0.15f}, {0.05f, 0.10f, 0.08f}};
  switch (background) {
    case Background::kSea:
      return kSea;
    case Background::kBeach:
      return kBeach;
    case Background::kSnow:
      return kSnow;
    case Background::kDesert:
      return kDesert;
    case Background::kSunset:
      return kSunset;
    case Background::kStars:
      return kStars;
    default:
      return kGrass;
  }
}

Rgb mix(const Rgb& a, const Rgb& b, double t) {
  const auto share = static_cast<float>(std::clamp(t, 0., 1.));
  return {a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share};
}

// The share of a row of pixels from y to y + height that is below an edge.
double below_edge(double edge, double y, double height) {
  return std::clamp((y + height - edge) / height, 0., 1.);
}

// The colour of a row of pixels.
Rgb row_colour(const Scene& scene, double y, double height) {
  const double middle = y + height / 2;
  if (!has_horizon(scene.background)) {
    Rgb colour = world::rgb(static_cast<world::Background>(scene.background));
    for (float& value : colour)
      value = std::min(1.f, value * static_cast<float>(1.015 - 0.06 * middle));
    return colour;
  }
  const Landscape& land = landscape(scene.background);
  const double horizon = scene.horizon;
  const Rgb sky = mix(land.zenith, land.haze, middle / horizon);
  const Rgb ground = mix(land.far, land.near, (middle - horizon) / (1 - horizon));
  Rgb colour = sky;
  if (scene.background == Background::kBeach) {
    colour = mix(sky, kSeaAtHorizon, below_edge(horizon - kStripOfSea, y, height));
  }
  return mix(colour, ground, below_edge(horizon, y, height));
}

// Draws a white disc whose radius may be smaller than a pixel.
void paint_star(double x, double y, double radius, float light, int size, float* rgb_chw) {
  const double reach = radius + 1.0 / size;
  const auto first = [&](double at) { return std::max(0, static_cast<int>((at - reach) * size)); };
  const auto last = [&](double at) {
    return std::min(size - 1, static_cast<int>((at + reach) * size));
  };
  const size_t plane = static_cast<size_t>(size) * size;
  for (int v = first(y); v <= last(y); ++v) {
    for (int u = first(x); u <= last(x); ++u) {
      // A linear falloff as wide as the disc and a pixel together, with the same total light as the
      // disc.
      const double distance = std::hypot((u + 0.5) / size - x, (v + 0.5) / size - y);
      const double area = radius * radius / (reach * reach) * 3;
      const auto cover =
          static_cast<float>(std::min(1., area) * std::max(0., 1 - distance / reach));
      for (size_t c = 0; c < 3; ++c) {
        float& value = rgb_chw[c * plane + static_cast<size_t>(v) * size + u];
        value += (1 - value) * cover * light;
      }
    }
  }
}

void paint_stars(const Scene& scene, int size, float* rgb_chw) {
  Random random(scene.star_seed);
  for (int i = 0; i < kStarCount; ++i) {
    const double x = uniform(random, 0.01, 0.99), y = uniform(random, 0.01, scene.horizon - 0.06);
    const double radius = uniform(random, 0.002, 0.007);
    paint_star(x, y, radius, static_cast<float>(uniform(random, 0.6, 1)), size, rgb_chw);
  }
}

}  // namespace

void render_background(const Scene& scene, int size, float* rgb_chw) {
  if (size < 1) fail("expected an image of at least 1 pixel a side, found ", size);
  const size_t plane = static_cast<size_t>(size) * size;
  for (int y = 0; y < size; ++y) {
    const Rgb colour = row_colour(scene, static_cast<double>(y) / size, 1.0 / size);
    for (size_t c = 0; c < 3; ++c) {
      std::fill_n(rgb_chw + c * plane + static_cast<size_t>(y) * size, size, colour[c]);
    }
  }
  if (scene.background == Background::kStars) paint_stars(scene, size, rgb_chw);
}

}  // namespace unclip::world::picturebook
