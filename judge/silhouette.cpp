#include "judge/silhouette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/error.h"

namespace unclip::judge {

namespace {

bool in_ellipse(double u, double v, double a, double b) {
  return u * u / (a * a) + v * v / (b * b) <= 1;
}

bool in_cone(double u, double v) {
  constexpr double kHalf = .9, kFoot = .75, kFootHeight = .25;
  if (in_ellipse(u, v - kFoot, kHalf, kFootHeight)) return true;
  if (v < -1 || v > kFoot) return false;
  // The sides touch the ellipse at the tangents from the apex. With the ellipse scaled to a unit
  // circle the apex is at distance d, and they touch at height -1/d and half width sqrt(1 - 1/d^2).
  const double d = (kFoot + 1) / kFootHeight;
  const double touch_v = kFoot - kFootHeight / d;
  const double touch_u = kHalf * std::sqrt(1 - 1 / (d * d));
  return v <= touch_v && std::abs(u) <= touch_u * (v + 1) / (touch_v + 1);
}

bool in_star(double u, double v) {
  constexpr double kInner = .42, kStep = std::numbers::pi / 5;
  // Fold into the half spike between a point (angle 0) and the notch next to it (angle kStep).
  double angle = std::abs(std::atan2(u, -v));
  angle = std::fmod(angle, 2 * kStep);
  if (angle > kStep) angle = 2 * kStep - angle;
  const double rho = std::hypot(u, v);
  const double a = rho * std::cos(angle), b = rho * std::sin(angle);
  const double notch_a = kInner * std::cos(kStep), notch_b = kInner * std::sin(kStep);
  // On the inner side of the line from (1, 0) to the notch.
  return (notch_a - 1) * b - notch_b * (a - 1) >= 0;
}

constexpr double kExtent = 1.0;  // no silhouette reaches beyond its radius
constexpr int kCells = 200;      // across a template

// A rasterized silhouette, with its area and centroid in units of the radius.
struct Template {
  std::vector<uint8_t> cells = std::vector<uint8_t>(kCells * kCells);
  double area = 0, u = 0, v = 0;

  explicit Template(Shape shape) {
    constexpr double kCell = 2 * kExtent / kCells;
    for (int j = 0; j < kCells; ++j) {
      for (int i = 0; i < kCells; ++i) {
        const double x = (i + .5) * kCell - kExtent, y = (j + .5) * kCell - kExtent;
        if (!inside(shape, x, y)) continue;
        cells[j * kCells + i] = 1;
        area += kCell * kCell;
        u += x * kCell * kCell;
        v += y * kCell * kCell;
      }
    }
    u /= area;
    v /= area;
  }
};

const Template& template_of(Shape shape) {
  static const std::array<Template, 6> kTemplates = {
      Template(Shape::kBall), Template(Shape::kCube), Template(Shape::kCylinder),
      Template(Shape::kCone), Template(Shape::kRing), Template(Shape::kStar)};
  return kTemplates.at(static_cast<size_t>(shape) - 1);
}

double overlap(const Template& silhouette, const Mask& mask, int mask_area, const Fit& at) {
  const double cells_per_pixel = kCells / (2 * kExtent * at.r);
  const int x0 = std::max(0, static_cast<int>(at.x - at.r));
  const int x1 = std::min(kSide - 1, static_cast<int>(at.x + at.r));
  const int y0 = std::max(0, static_cast<int>(at.y - at.r));
  const int y1 = std::min(kSide - 1, static_cast<int>(at.y + at.r));
  int both = 0, shape_area = 0;
  for (int y = y0; y <= y1; ++y) {
    const int j = static_cast<int>((y + .5 - at.y) * cells_per_pixel + kCells / 2.0);
    if (j < 0 || j >= kCells) continue;
    for (int x = x0; x <= x1; ++x) {
      const int i = static_cast<int>((x + .5 - at.x) * cells_per_pixel + kCells / 2.0);
      if (i < 0 || i >= kCells || !silhouette.cells[j * kCells + i]) continue;
      ++shape_area;
      both += mask[y * kSide + x];
    }
  }
  return static_cast<double>(both) / std::max(1, shape_area + mask_area - both);
}

}  // namespace

bool inside(Shape shape, double u, double v) {
  switch (shape) {
    case Shape::kBall:
      return std::hypot(u, v) <= 1;
    case Shape::kCube:
      return std::abs(u) <= .866 && std::abs(v) <= 1 - .5 * std::abs(u) / .866;
    case Shape::kCylinder:
      return (std::abs(u) <= .75 && std::abs(v) <= .7) || in_ellipse(u, std::abs(v) - .7, .75, .25);
    case Shape::kCone:
      return in_cone(u, v);
    case Shape::kRing:
      return std::hypot(u, v) <= 1 && std::hypot(u, v) >= .4;
    case Shape::kStar:
      return in_star(u, v);
    case Shape::kUnknown:
      break;
  }
  fail("an unknown shape has no silhouette");
}

Fit fit(Shape shape, const Mask& mask) {
  const Template& silhouette = template_of(shape);
  double sum_x = 0, sum_y = 0;
  int mask_area = 0;
  for (int p = 0; p < kPixels; ++p) {
    if (!mask[p]) continue;
    ++mask_area;
    sum_x += p % kSide + .5;
    sum_y += p / kSide + .5;
  }
  if (mask_area == 0) return {};

  // Starts from the mask's area and centroid, then descends in place and radius.
  Fit best{.shape = shape};
  best.r = std::sqrt(mask_area / silhouette.area);
  best.x = sum_x / mask_area - best.r * silhouette.u;
  best.y = sum_y / mask_area - best.r * silhouette.v;
  best.overlap = overlap(silhouette, mask, mask_area, best);
  for (double step = best.r / 8; step > .2;) {
    bool better = false;
    for (double Fit::*coordinate : {&Fit::x, &Fit::y, &Fit::r}) {
      for (double sign : {-1., 1.}) {
        Fit next = best;
        next.*coordinate += sign * step;
        if (next.r < 1) continue;
        next.overlap = overlap(silhouette, mask, mask_area, next);
        if (next.overlap > best.overlap) {
          best = next;
          better = true;
        }
      }
    }
    if (!better) step /= 2;
  }
  return best;
}

}  // namespace unclip::judge
