#include "world/render.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"

namespace unclip::world {
namespace {

std::vector<float> rendered(const Scene& scene, int size) {
  std::vector<float> rgb(size_t(3) * size * size, -1.f);
  render(scene, size, rgb.data());
  return rgb;
}

Rgb pixel(const std::vector<float>& rgb, int size, int row, int column) {
  const size_t plane = size_t(size) * size, i = size_t(row) * size + column;
  return {rgb[i], rgb[plane + i], rgb[2 * plane + i]};
}

double distance(const Rgb& a, const Rgb& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

Scene alone(Shape shape, Colour colour, Background background) {
  return {{{shape, colour, Size::kBig, 0.315, 0.49, 0.51}}, background};
}

template <class F>
void for_each_kind(F f) {
  for (int shape = 0; shape < kShapes; ++shape)
    for (int colour = 0; colour < kColours; ++colour)
      for (int background = 0; background < kBackgrounds; ++background)
        f(alone(Shape(shape), Colour(colour), Background(background)));
}

using Points = std::vector<std::pair<double, double>>;

// Even-odd rule.
bool in_polygon(const Points& p, double u, double v) {
  bool in = false;
  for (size_t i = 0, j = p.size() - 1; i < p.size(); j = i++)
    if ((p[i].second > v) != (p[j].second > v) && u < p[i].first + (p[j].first - p[i].first) *
                                                                       (v - p[i].second) /
                                                                       (p[j].second - p[i].second))
      in = !in;
  return in;
}

bool in_ellipse(double u, double v, double a, double b) {
  return u * u / (a * a) + v * v / (b * b) < 1;
}

// The world's table of silhouettes, as a question about one point.
bool in_silhouette(Shape shape, double u, double v) {
  switch (shape) {
    case Shape::kBall:
      return in_ellipse(u, v, 1, 1);
    case Shape::kCube:
      return in_polygon(
          {{0, -1}, {0.866, -0.5}, {0.866, 0.5}, {0, 1}, {-0.866, 0.5}, {-0.866, -0.5}}, u, v);
    case Shape::kCylinder:
      return (std::abs(u) < 0.75 && std::abs(v) < 0.7) || in_ellipse(u, v - 0.7, 0.75, 0.25) ||
             in_ellipse(u, v + 0.7, 0.75, 0.25);
    case Shape::kCone:
      return in_polygon({{0, -1}, {0.8908, 0.7143}, {-0.8908, 0.7143}}, u, v) ||
             in_ellipse(u, v - 0.75, 0.9, 0.25);
    case Shape::kRing:
      return in_ellipse(u, v, 1, 1) && !in_ellipse(u, v, 0.4, 0.4);
    case Shape::kStar: {
      Points points;
      for (int i = 0; i < 10; ++i) {
        const double r = i % 2 ? 0.42 : 1, angle = i * std::acos(-1.0) / 5;
        points.push_back({r * std::sin(angle), -r * std::cos(angle)});
      }
      return in_polygon(points, u, v);
    }
  }
  return false;
}

enum class Where { kInside, kOutside, kEdge };

// For every pixel of the picture of an object alone: does it lie, with all that is within one pixel
// of its middle, inside or outside of the silhouette?
const std::vector<Where>& wheres(Shape shape, int size) {
  static std::map<std::pair<Shape, int>, std::vector<Where>> known;
  std::vector<Where>& result = known[{shape, size}];
  if (!result.empty()) return result;
  constexpr int kReach = 3;
  const Object o = alone(shape, Colour::kRed, Background::kWhite).objects[0];
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      int inside = 0, all = 0;
      for (int di = -kReach; di <= kReach; ++di)
        for (int dj = -kReach; dj <= kReach; ++dj, ++all)
          inside += in_silhouette(shape, ((j + 0.5 + double(dj) / kReach) / size - o.x) / o.r,
                                  ((i + 0.5 + double(di) / kReach) / size - o.y) / o.r);
      result.push_back(inside == 0     ? Where::kOutside
                       : inside == all ? Where::kInside
                                       : Where::kEdge);
    }
  }
  return result;
}

TEST(Render, KeepsToTheSilhouettes) {
  constexpr int kSize = 128;
  for_each_kind([](const Scene& scene) {
    const Object& o = scene.objects[0];
    const auto rgb_chw = rendered(scene, kSize);
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) {
        const Where where = wheres(o.shape, kSize)[i * kSize + j];
        const bool in_shadows_reach = (i + 0.5) / kSize > o.y + 0.2 * o.r;
        const double off = distance(pixel(rgb_chw, kSize, i, j), rgb(scene.background));
        if (where == Where::kOutside && !in_shadows_reach) {
          ASSERT_EQ(off, 0) << "shape " << int(o.shape) << " at " << i << ", " << j;
        }
        if (where == Where::kInside) {
          ASSERT_GT(off, 0.03) << "shape " << int(o.shape) << " at " << i << ", " << j;
        }
      }
    }
  });
}

TEST(Render, ShowsItsColourOnTheWhole) {
  constexpr int kSize = 64;
  for_each_kind([](const Scene& scene) {
    const Object& o = scene.objects[0];
    const auto rgb_chw = rendered(scene, kSize);
    Rgb mean = {0, 0, 0};
    int count = 0;
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) {
        if (wheres(o.shape, kSize)[i * kSize + j] != Where::kInside) continue;
        const Rgb p = pixel(rgb_chw, kSize, i, j);
        for (int c = 0; c < 3; ++c) mean[c] += p[c];
        ++count;
      }
    }
    for (float& m : mean) m /= static_cast<float>(count);
    int nearest = 0;
    for (int k = 1; k < kColours; ++k)
      if (distance(mean, rgb(Colour(k))) < distance(mean, rgb(Colour(nearest)))) nearest = k;
    EXPECT_EQ(nearest, int(o.colour)) << "shape " << int(o.shape);
    EXPECT_LT(distance(mean, rgb(o.colour)), 0.25) << "shape " << int(o.shape);
  });
}

TEST(Render, LightComesFromTheUpperLeft) {
  constexpr int kSize = 128;
  const auto brightness = [](const Scene& scene, double u, double v) {
    const Object& o = scene.objects[0];
    const Rgb p = pixel(rendered(scene, kSize), kSize, int((o.y + v * o.r) * kSize),
                        int((o.x + u * o.r) * kSize));
    return p[0] + p[1] + p[2];
  };
  const auto of = [](Shape shape) { return alone(shape, Colour::kGreen, Background::kWhite); };
  EXPECT_GT(brightness(of(Shape::kBall), -0.5, -0.5), brightness(of(Shape::kBall), 0.5, 0.5));
  const double top = brightness(of(Shape::kCube), 0, -0.5);
  const double left = brightness(of(Shape::kCube), -0.4, 0.3);
  const double right = brightness(of(Shape::kCube), 0.4, 0.3);
  EXPECT_GT(top, left + 0.1);
  EXPECT_GT(left, right + 0.1);
  const double lid = brightness(of(Shape::kCylinder), 0.3, -0.7);
  EXPECT_GT(lid, brightness(of(Shape::kCylinder), 0.3, 0));
  for (const Shape shape : {Shape::kCylinder, Shape::kCone})
    EXPECT_GT(brightness(of(shape), -0.2, 0.4), brightness(of(shape), 0.2, 0.4) + 0.05);
  EXPECT_GT(brightness(of(Shape::kStar), 0, -0.4), brightness(of(Shape::kStar), 0, 0.3));
}

TEST(Render, LaysASoftShadowUnderEachObject) {
  constexpr int kSize = 128;
  for_each_kind([](const Scene& scene) {
    const Object& o = scene.objects[0];
    const auto rgb_chw = rendered(scene, kSize);
    const Rgb background = rgb(scene.background);
    double darkest = 1;
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) {
        if (wheres(o.shape, kSize)[i * kSize + j] != Where::kOutside) continue;
        const Rgb p = pixel(rgb_chw, kSize, i, j);
        darkest = std::min<double>(darkest, p[0] / background[0]);
        ASSERT_NEAR(p[0] / background[0], p[2] / background[2], 1e-4);
      }
    }
    EXPECT_LT(darkest, 0.9) << "shape " << int(o.shape);
    EXPECT_GT(darkest, 0.4) << "shape " << int(o.shape);
  });
}

TEST(Render, IsDeterministicAndInRange) {
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    const Scene scene = random_scene(random_claim(random), random);
    const auto a = rendered(scene, 32);
    ASSERT_EQ(a, rendered(scene, 32));
    for (const float value : a) ASSERT_TRUE(value >= 0 && value <= 1) << value;
  }
}

TEST(Render, IsTheSamePictureAtEverySize) {
  Random random(2);
  double worst = 0, sum = 0;
  constexpr int kScenes = 200, kSize = 32, kZoom = 4;
  for (int s = 0; s < kScenes; ++s) {
    const Scene scene = random_scene(random_claim(random), random);
    const auto small = rendered(scene, kSize), large = rendered(scene, kSize * kZoom);
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) {
        Rgb mean = {0, 0, 0};
        for (int k = 0; k < kZoom * kZoom; ++k) {
          const Rgb p = pixel(large, kSize * kZoom, i * kZoom + k / kZoom, j * kZoom + k % kZoom);
          for (int c = 0; c < 3; ++c) mean[c] += p[c] / (kZoom * kZoom);
        }
        const double off = distance(mean, pixel(small, kSize, i, j));
        worst = std::max(worst, off);
        sum += off;
      }
    }
  }
  // Looser than arithmetic: a pixel's part is exact along straight edges only, not at corners.
  EXPECT_LT(worst, 0.2);
  EXPECT_LT(sum / (kScenes * kSize * kSize), 0.002);
}

TEST(Render, DrawsBothObjectsWhereTheyStand) {
  const Scene scene{{{Shape::kBall, Colour::kRed, Size::kSmall, 0.14, 0.25, 0.5},
                     {Shape::kCube, Colour::kGreen, Size::kBig, 0.21, 0.75, 0.5}},
                    Background::kNight};
  const auto rgb_chw = rendered(scene, 64);
  const Rgb left = pixel(rgb_chw, 64, 33, 17), right = pixel(rgb_chw, 64, 36, 44);
  EXPECT_GT(left[0], 2 * left[1]);
  EXPECT_GT(right[1], 2 * right[0]);
  EXPECT_EQ(pixel(rgb_chw, 64, 2, 32), rgb(Background::kNight));
}

TEST(Render, PaintsAnythingThatReachesOverTheEdge) {
  const Scene scene{{{Shape::kRing, Colour::kRed, Size::kBig, 0.4, 1.1, -0.1}}, Background::kSky};
  for (const int size : {1, 2, 7, 32})
    for (const float value : rendered(scene, size)) ASSERT_TRUE(value >= 0 && value <= 1);
  EXPECT_THROW(rendered(scene, 0), Error);
}

}  // namespace
}  // namespace unclip::world
