#include "world/render.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace unclip::world {
namespace {

// Shapes are drawn in their own units: u to the right and v downwards from the centre, with a
// radius of 1. w is the width of a pixel in these units.

// The surface of a shape at a point: the share of the pixel that it covers, the factor of its
// colour, and how far the result is mixed with white.
struct Surface {
  float coverage, shade, gloss;
};

// The share of a pixel that is inside a straight edge at signed distance d (negative: inside).
float inside(float d, float w) { return std::clamp(0.5f - d / w, 0.f, 1.f); }

// The share inside both of two edges that meet in a point or are parallel.
float inside_both(float a, float b) { return std::max(a + b - 1, 0.f); }

float mix(float a, float b, float t) { return a + (b - a) * t; }

float square(float x) { return x * x; }

// Distance to the ellipse with half axes a and b around the origin, exact to first order: f / |grad
// f| of f = |(u / a, v / b)| - 1.
float ellipse_distance(float u, float v, float a, float b) {
  constexpr float kTiny = 1e-6f;
  const float k = std::sqrt(square(u / a) + square(v / b));
  const float slope = std::sqrt(square(u / (a * a)) + square(v / (b * b)));
  return (k - 1) * (k + kTiny) / (slope + kTiny);
}

// The direction of the light: from the upper left, in front of the object.
constexpr float kLight[] = {-0.48f, -0.60f, 0.64f};

// Shading by Lambert's law with some ambient light, and one highlight.
Surface lit(float coverage, float nu, float nv) {
  const float length = std::sqrt(nu * nu + nv * nv);
  const float shrink = length > 1 ? 1 / length : 1;
  nu *= shrink;
  nv *= shrink;
  const float nz = std::sqrt(std::max(0.f, 1 - nu * nu - nv * nv));
  const float lambert = std::max(0.f, nu * kLight[0] + nv * kLight[1] + nz * kLight[2]);
  // The highlight is where the normal bisects the angle between light and view.
  constexpr float kHalf[] = {-0.265f, -0.331f};
  const float away = square(nu - kHalf[0]) + square(nv - kHalf[1]);
  return {coverage, 0.60f + 0.50f * lambert, 0.75f * square(square(std::max(0.f, 1 - away * 5)))};
}

Surface ball(float u, float v, float w) {
  return lit(inside(std::sqrt(u * u + v * v) - 1, w), u, v);
}

Surface ring(float u, float v, float w) {
  const float r = std::sqrt(u * u + v * v);
  const float coverage = inside_both(inside(r - 1, w), inside(0.4f - r, w));
  const float across = std::clamp((r - 0.7f) / 0.3f, -1.f, 1.f) / std::max(r, 1e-3f);
  return lit(coverage, across * u, across * v);
}

Surface cube(float u, float v, float w) {
  constexpr float kSin60 = 0.8660254f;
  const float along = 0.5f * std::abs(u), down = kSin60 * v;
  const float d = std::max({std::abs(u), along + down, along - down}) - kSin60;
  const float top = inside(along + down, w), right = inside(-u, w);
  return {inside(d, w), mix(mix(0.92f, 0.64f, right), 1.08f, top), 0.32f * top};
}

// Shading around an upright axis, with a light band left of the middle. `across` goes from -1 to 1
// between the sides.
Surface upright(float coverage, float across) {
  across = std::clamp(across, -1.f, 1.f);
  const float lambert = std::max(0.f, std::sqrt(1 - across * across) * 0.8f - across * 0.6f);
  return {coverage, 0.58f + 0.52f * lambert,
          0.45f * square(std::max(0.f, 1 - square((across + 0.35f) / 0.3f)))};
}

Surface cylinder(float u, float v, float w) {
  constexpr float kHalfWidth = 0.75f, kLid = 0.25f, kHalfHeight = 0.7f;
  const float beyond = std::max(std::abs(v) - kHalfHeight, 0.f);
  Surface s = upright(inside(ellipse_distance(u, beyond, kHalfWidth, kLid), w), u / kHalfWidth);
  const float lid = inside(ellipse_distance(u, v + kHalfHeight, kHalfWidth, kLid), w);
  s.shade = mix(s.shade, 1.05f, lid);
  s.gloss = mix(s.gloss, 0.48f, lid);
  return s;
}

Surface cone(float u, float v, float w) {
  constexpr float kApex = -1, kFoot = 0.75f, kFootWidth = 0.9f, kFootHeight = 0.25f;
  // The sides touch the foot's ellipse on the polar of the apex.
  constexpr float kTouchV = kFoot - kFootHeight * kFootHeight / (kFoot - kApex);
  constexpr float kTouchU = 0.8907625f;
  constexpr float kSlope = kTouchU / (kTouchV - kApex), kCos = 0.8873265f;
  const float half = kSlope * (v - kApex);
  float coverage = inside_both(inside((u - half) * kCos, w), inside((-u - half) * kCos, w));
  if (v > kTouchV)
    coverage =
        std::min(coverage, inside(ellipse_distance(u, v - kFoot, kFootWidth, kFootHeight), w));
  return upright(coverage, u / std::max(half, 0.5f * w));
}

Surface star(float u, float v, float w) {
  constexpr float kSin36 = 0.5877853f, kCos36 = 0.8090170f, kInner = 0.42f;
  // Folded along its axes of symmetry, the star is one edge from a tip at (0, 1) to an inner
  // corner.
  float x = u, y = -v;
  for (int fold = 0; fold < 2; ++fold) {
    x = std::abs(x);
    const float beyond = std::max(0.f, x * kCos36 - y * kSin36);
    x -= 2 * beyond * kCos36;
    y += 2 * beyond * kSin36;
  }
  x = std::abs(x);
  constexpr float kEdgeX = kInner * kSin36, kEdgeY = 1 - kInner * kCos36;
  constexpr float kNorm = 0.7049f;  // length of (kEdgeX, kEdgeY)
  const float near = (x * kEdgeY + (y - 1) * kEdgeX) / kNorm;
  const float far = (-x * kEdgeY + (y - 1) * kEdgeX) / kNorm;
  return {inside_both(inside(near, w), inside(far, w)), 1.04f - 0.11f * (v + 1), 0};
}

// The pixels that a box around an object touches, in one direction.
struct Span {
  int begin, end;
};

Span span(double low, double high, int size) {
  return {std::clamp(static_cast<int>(std::floor(low * size - 0.5)), 0, size),
          std::clamp(static_cast<int>(std::ceil(high * size + 0.5)), 0, size)};
}

class Canvas {
 public:
  Canvas(int size, float* rgb) : size_(size), plane_(size_t(size) * size), rgb_(rgb) {}

  void fill(const Rgb& colour) {
    for (int c = 0; c < 3; ++c) std::fill_n(rgb_ + c * plane_, plane_, colour[c]);
  }

  // Calls f(pixel's index, u, v, w) in the box |u| < width, top < v < bottom of the object.
  template <class F>
  void each_pixel(const Object& o, double width, double top, double bottom, F f) {
    const Span rows = span(o.y + top * o.r, o.y + bottom * o.r, size_);
    const Span columns = span(o.x - width * o.r, o.x + width * o.r, size_);
    const float w = static_cast<float>(1 / (size_ * o.r));
    for (int i = rows.begin; i < rows.end; ++i) {
      const float v = static_cast<float>(((i + 0.5) / size_ - o.y) / o.r);
      for (int j = columns.begin; j < columns.end; ++j)
        f(size_t(i) * size_ + j, static_cast<float>(((j + 0.5) / size_ - o.x) / o.r), v, w);
    }
  }

  template <class F>
  void paint(const Object& object, F surface) {
    const Rgb base = rgb(object.colour);
    each_pixel(object, 1.05, -1.05, 1.05, [&](size_t i, float u, float v, float w) {
      // A highlight or a tip may be smaller than a pixel of a small image; each pixel is then drawn
      // as n x n parts.
      const int n = std::clamp(static_cast<int>(std::ceil(w / 0.075f)), 1, 4);
      const float part = w / static_cast<float>(n), first = (part - w) / 2;
      Rgb colour = {0, 0, 0};
      float coverage = 0;
      for (int k = 0; k < n * n; ++k) {
        const float du = first + part * static_cast<float>(k % n);
        const float dv = first + part * static_cast<float>(k / n);
        const Surface s = surface(u + du, v + dv, part);
        coverage += s.coverage;
        for (int c = 0; c < 3; ++c)
          colour[c] += s.coverage * mix(std::min(base[c] * s.shade, 1.f), 1, s.gloss);
      }
      const float share = 1 / static_cast<float>(n * n);
      for (int c = 0; c < 3; ++c) {
        float& pixel = rgb_[c * plane_ + i];
        pixel = std::min(pixel * (1 - share * coverage) + share * colour[c], 1.f);
      }
    });
  }

  void shadow(const Object& object) {
    // Vertical centre, half width and half height of the patch of ground under the object.
    const auto [foot, width, height] = shadow_of(object.shape);
    each_pixel(object, width, foot - height, foot + height,
               [&, foot = foot, width = width, height = height](size_t i, float u, float v, float) {
                 const float q = square(u / width) + square((v - foot) / height);
                 const float light = 1 - 0.45f * square(std::max(0.f, 1 - q));
                 for (int c = 0; c < 3; ++c) rgb_[c * plane_ + i] *= light;
               });
  }

 private:
  struct Patch {
    float foot, width, height;
  };

  static Patch shadow_of(Shape shape) {
    switch (shape) {
      case Shape::kCube:
        return {0.75f, 1.25f, 0.50f};
      case Shape::kCylinder:
        return {0.80f, 1.15f, 0.42f};
      case Shape::kCone:
        return {0.82f, 1.30f, 0.42f};
      case Shape::kStar:
        return {0.84f, 1.05f, 0.30f};
      case Shape::kBall:
      case Shape::kRing:
        break;
    }
    return {0.95f, 1.05f, 0.34f};
  }

  int size_;
  size_t plane_;
  float* rgb_;
};

void paint(Canvas& canvas, const Object& object) {
  switch (object.shape) {
    case Shape::kBall:
      return canvas.paint(object, ball);
    case Shape::kCube:
      return canvas.paint(object, cube);
    case Shape::kCylinder:
      return canvas.paint(object, cylinder);
    case Shape::kCone:
      return canvas.paint(object, cone);
    case Shape::kRing:
      return canvas.paint(object, ring);
    case Shape::kStar:
      return canvas.paint(object, star);
  }
}

}  // namespace

Rgb rgb(Colour colour) {
  constexpr Rgb kTable[kColours] = {
      {0.86f, 0.12f, 0.12f}, {0.98f, 0.55f, 0.05f}, {0.97f, 0.85f, 0.10f}, {0.15f, 0.65f, 0.20f},
      {0.10f, 0.30f, 0.85f}, {0.50f, 0.20f, 0.65f}, {0.95f, 0.50f, 0.70f}, {0.45f, 0.28f, 0.15f}};
  return kTable[static_cast<int>(colour)];
}

Rgb rgb(Background background) {
  constexpr Rgb kTable[kBackgrounds] = {
      {0.95f, 0.95f, 0.93f}, {0.75f, 0.87f, 0.95f}, {0.82f, 0.92f, 0.78f}, {0.25f, 0.27f, 0.32f}};
  return kTable[static_cast<int>(background)];
}

void render(const Scene& scene, int size, float* rgb_chw) {
  if (size < 1) fail("a picture has at least 1 pixel a side, not ", size);
  Canvas canvas(size, rgb_chw);
  canvas.fill(rgb(scene.background));
  // Objects further down are nearer, in front of those above.
  std::vector<Object> objects = scene.objects;
  std::stable_sort(objects.begin(), objects.end(),
                   [](const Object& a, const Object& b) { return a.y < b.y; });
  for (const Object& object : objects) canvas.shadow(object);
  for (const Object& object : objects) paint(canvas, object);
}

void cast_shadow(const Object& object, int size, float* rgb_chw) {
  Canvas(size, rgb_chw).shadow(object);
}

void paint_object(const Object& object, int size, float* rgb_chw) {
  Canvas canvas(size, rgb_chw);
  paint(canvas, object);
}

}  // namespace unclip::world
