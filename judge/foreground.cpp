#include "judge/foreground.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace unclip::judge {

namespace {

constexpr int kFrame = 4;                // pixels of the working grid
constexpr float kNearBackground = .14f;  // distance from a nominal background colour
constexpr float kDarkestShadow = .45f;   // a shadow leaves at least this share of the light
constexpr float kBrightest = 1.06f;      // unevenness of the background
constexpr float kLeastContrast = .07f;
constexpr float kLeastOfAnObject = .15f;  // contrast; anything fainter is a stain
constexpr float kFaint = .3f;             // share of an object's contrast
constexpr int kReach = 4;                 // pixels around an edge that measure an object's contrast

struct Nominal {
  Background background;
  Rgb rgb;
};
constexpr Nominal kBackgrounds[] = {{Background::kWhite, {.95f, .95f, .93f}},
                                    {Background::kSky, {.75f, .87f, .95f}},
                                    {Background::kMint, {.82f, .92f, .78f}},
                                    {Background::kNight, {.25f, .27f, .32f}}};

float distance(const Rgb& a, const Rgb& b) {
  const float red = a[0] - b[0], green = a[1] - b[1], blue = a[2] - b[2];
  return std::sqrt(red * red + green * green + blue * blue);
}

template <class Values>
float quantile(Values& values, double q) {
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(q * (values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

std::vector<Rgb> frame_of(const Raster& raster) {
  std::vector<Rgb> frame;
  for (int p = 0; p < kPixels; ++p) {
    const int x = p % kSide, y = p / kSide;
    if (std::min({x, y, kSide - 1 - x, kSide - 1 - y}) < kFrame) frame.push_back(raster[p]);
  }
  return frame;
}

Rgb median_of(const std::vector<Rgb>& colours) {
  Rgb median;
  for (int c = 0; c < 3; ++c) {
    std::vector<float> channel;
    for (const Rgb& rgb : colours) channel.push_back(rgb[c]);
    median[c] = quantile(channel, .5);
  }
  return median;
}

Background nearest(const Rgb& rgb) {
  const auto best = std::min_element(std::begin(kBackgrounds), std::end(kBackgrounds),
                                     [&](const Nominal& a, const Nominal& b) {
                                       return distance(a.rgb, rgb) < distance(b.rgb, rgb);
                                     });
  return distance(best->rgb, rgb) < kNearBackground ? best->background : Background::kUnknown;
}

// Distance of a colour from the line of background colours under more or less light.
float contrast(const Rgb& rgb, const Rgb& ground) {
  float dot = 0, norm = 1e-6f;
  for (int c = 0; c < 3; ++c) {
    dot += rgb[c] * ground[c];
    norm += ground[c] * ground[c];
  }
  const float light = std::clamp(dot / norm, kDarkestShadow, kBrightest);
  return distance(rgb, {light * ground[0], light * ground[1], light * ground[2]});
}

// The values of the pixels in the mask.
std::vector<float> within(const Mask& mask, const std::vector<float>& values) {
  std::vector<float> found;
  for (int p = 0; p < kPixels; ++p) {
    if (mask[p]) found.push_back(values[p]);
  }
  return found;
}

// The median of the mask's contrasts around a pixel.
float contrast_around(int pixel, const Mask& mask, const std::vector<float>& contrasts) {
  std::vector<float> around;
  const int x = pixel % kSide, y = pixel / kSide;
  for (int v = std::max(0, y - kReach); v <= std::min(kSide - 1, y + kReach); ++v) {
    for (int u = std::max(0, x - kReach); u <= std::min(kSide - 1, x + kReach); ++u) {
      if (mask[v * kSide + u]) around.push_back(contrasts[v * kSide + u]);
    }
  }
  return quantile(around, .5);
}

// Keeps the pixels of a part whose contrast is at least half of the object's. Near the border that
// is the contrast around the pixel. Deeper inside it is that of the object's side of lower
// contrast, because the contrast jumps where two faces meet, and half of the higher contrast would
// cut a crack there.
Mask tightened(const Mask& part, const std::vector<float>& contrasts) {
  auto values = within(part, contrasts);
  const float weak = quantile(values, .25);
  const Mask deep = eroded(part, kReach);
  Mask out(kPixels, 0);
  for (int p = 0; p < kPixels; ++p) {
    if (!part[p]) continue;
    out[p] = (deep[p] && contrasts[p] >= .5f * weak) ||
             contrasts[p] >= .5f * contrast_around(p, part, contrasts);
  }
  return out;
}

// The pixels of an object in a connected part; none if hardly any of them has the contrast of an
// object. Leaves out faint pixels, which are stains of the background that touch the object.
Mask without_stains(const Mask& part, const std::vector<float>& contrasts) {
  auto values = within(part, contrasts);
  if (quantile(values, .9) < kLeastOfAnObject) return Mask(kPixels, 0);
  const float least = kFaint * quantile(values, .5);
  Mask out = part;
  for (int p = 0; p < kPixels; ++p) out[p] &= contrasts[p] >= least;
  return out;
}

// Applies `change` to each part of the mask and combines the results.
template <class Change>
Mask part_by_part(const Mask& mask, const std::vector<float>& contrasts, Change change) {
  Mask out(kPixels, 0);
  for (const Mask& part : components(mask)) {
    const Mask changed = change(part, contrasts);
    for (int p = 0; p < kPixels; ++p) out[p] |= changed[p];
  }
  return out;
}

}  // namespace

Scenery find_foreground(const Raster& raster) {
  const Rgb ground = median_of(frame_of(raster));
  std::vector<float> contrasts(kPixels);
  Mask mask(kPixels);
  for (int p = 0; p < kPixels; ++p) {
    contrasts[p] = contrast(raster[p], ground);
    mask[p] = contrasts[p] > kLeastContrast;
  }
  mask = part_by_part(mask, contrasts, without_stains);
  for (int i = 0; i < 2; ++i) mask = part_by_part(mask, contrasts, tightened);
  return {nearest(ground), std::move(mask)};
}

}  // namespace unclip::judge
