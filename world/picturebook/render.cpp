#include "world/picturebook/render.h"

#include <algorithm>
#include <cmath>

#include "world/picturebook/sprite.h"
#include "world/render.h"

namespace unclip::world::picturebook {
namespace {

constexpr float kShadow = 0.42f;  // the share of light that a shadow removes in its middle

world::Object as_solid(const Object& object) {
  return {object.kind.shape(), object.kind.colour(), object.size, object.r, object.x, object.y};
}

float square(float x) { return x * x; }

// Calls f(index, x, y) for the pixels of a box of half width and height (a, b) around (x, y), all
// in units of the image; x and y are the pixel's centre.
template <class F>
void each_pixel(double x, double y, double a, double b, int size, F f) {
  const auto first = [&](double at) {
    return std::clamp(static_cast<int>(std::floor(at * size)), 0, size);
  };
  for (int v = first(y - b); v < std::min(size, first(y + b) + 1); ++v) {
    for (int u = first(x - a); u < std::min(size, first(x + a) + 1); ++u) {
      f(static_cast<size_t>(v) * size + u, (u + 0.5) / size, (v + 0.5) / size);
    }
  }
}

// Draws a soft ellipse under the object's lower edge.
void cast_sprite_shadow(const Object& object, int size, float* rgb_chw) {
  if (object.kind.flies()) return;
  const double foot = object.y + 0.97 * object.r * half_height(object.kind);
  const double a = 1.1 * object.r * half_width(object.kind);
  const double b = 0.09 * object.r + 0.14 * object.r * half_width(object.kind);
  const size_t plane = static_cast<size_t>(size) * size;
  each_pixel(object.x, foot, a, b, size, [&](size_t i, double x, double y) {
    const float q =
        square(static_cast<float>((x - object.x) / a)) + square(static_cast<float>((y - foot) / b));
    const float light = 1 - kShadow * square(std::max(0.f, 1 - q));
    for (size_t c = 0; c < 3; ++c) rgb_chw[c * plane + i] *= light;
  });
}

// Draws the object's sprite; each pixel is the mean of four samples.
void paint_sprite(const Object& object, int size, float* rgb_chw) {
  const Sprite& drawing = sprite(object.kind);
  // The pixels of the drawing per side of the unit square, and per pixel of the image.
  const double scale = std::max(drawing.width(), drawing.height()) / (2 * object.r);
  const double step = scale / size;
  const double cosine = std::cos(object.angle), sine = std::sin(object.angle);
  const double reach = 1.5 * object.r + 1.0 / size;
  const size_t plane = static_cast<size_t>(size) * size;
  each_pixel(object.x, object.y, reach, reach, size, [&](size_t i, double x, double y) {
    Rgba sum = {};
    for (int k = 0; k < 4; ++k) {
      const double dx = x - object.x + (k % 2 ? 0.25 : -0.25) / size;
      const double dy = y - object.y + (k / 2 ? 0.25 : -0.25) / size;
      const double u = (dx * cosine + dy * sine) * scale + drawing.width() / 2.0;
      const double v = (dy * cosine - dx * sine) * scale + drawing.height() / 2.0;
      if (u < -1 - step || v < -1 - step || u > drawing.width() + 1 + step ||
          v > drawing.height() + 1 + step)
        continue;
      const Rgba one =
          drawing.sample(static_cast<float>(u), static_cast<float>(v), static_cast<float>(step));
      for (size_t c = 0; c < 4; ++c) sum[c] += one[c] / 4;
    }
    if (sum[3] <= 0) return;
    for (size_t c = 0; c < 3; ++c) {
      float& value = rgb_chw[c * plane + i];
      value = std::min(value * (1 - sum[3]) + sum[c], 1.f);
    }
  });
}

}  // namespace

void render(const Scene& scene, int size, float* rgb_chw) {
  render_background(scene, size, rgb_chw);
  // Objects further down are nearer, in front of those above.
  std::vector<Object> objects = scene.objects;
  std::stable_sort(objects.begin(), objects.end(),
                   [](const Object& a, const Object& b) { return a.y < b.y; });
  for (const Object& object : objects) {
    if (object.kind.is_solid()) {
      world::cast_shadow(as_solid(object), size, rgb_chw);
    } else {
      cast_sprite_shadow(object, size, rgb_chw);
    }
  }
  for (const Object& object : objects) {
    if (object.kind.is_solid()) {
      world::paint_object(as_solid(object), size, rgb_chw);
    } else {
      paint_sprite(object, size, rgb_chw);
    }
  }
}

}  // namespace unclip::world::picturebook
