#include "world/picturebook/render.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.h"
#include "world/picturebook/claims.h"
#include "world/render.h"

namespace unclip::world::picturebook {
namespace {

std::vector<float> book_rendered(const Scene& scene, int size) {
  std::vector<float> rgb(3 * static_cast<size_t>(size) * size, -1);
  render(scene, size, rgb.data());
  return rgb;
}

// The mean of blocks of `factor` x `factor` pixels.
std::vector<float> reduced(const std::vector<float>& rgb, int size, int factor) {
  const int small = size / factor;
  std::vector<float> out(3 * static_cast<size_t>(small) * small);
  for (size_t c = 0; c < 3; ++c) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        out[(c * small + y / factor) * small + x / factor] +=
            rgb[(c * size + y) * size + x] / static_cast<float>(factor * factor);
      }
    }
  }
  return out;
}

double mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

TEST(PicturebookRender, GivesColoursInRange) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    for (const float value : book_rendered(random_scene(random_claim(random), random), 32)) {
      ASSERT_GE(value, 0);
      ASSERT_LE(value, 1);
    }
  }
}

TEST(PicturebookRender, IsTheSameEachTime) {
  Random random(2);
  for (int i = 0; i < 20; ++i) {
    const Scene scene = random_scene(random_claim(random), random);
    EXPECT_EQ(book_rendered(scene, 48), book_rendered(scene, 48));
  }
}

TEST(PicturebookRender, IsTheSameImageAtEverySize) {
  Random random(3);
  constexpr int kScenes = 60;
  double sum = 0;
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = random_scene(random_claim(random), random);
    const double difference =
        mean_difference(book_rendered(scene, 64), reduced(book_rendered(scene, 256), 256, 4));
    EXPECT_LT(difference, 0.012) << i;
    sum += difference;
  }
  EXPECT_LT(sum / kScenes, 0.004);
}

TEST(PicturebookRender, ShowsEveryKindOnEveryBackground) {
  for (int k = 0; k < kKinds; ++k) {
    for (int b = 0; b < kBackgrounds; ++b) {
      Scene scene{.background = static_cast<Background>(b)};
      const auto empty = book_rendered(scene, 32);
      scene.objects = {{Kind(k), Size::kBig, 0.3, 0.5, 0.5}};
      ASSERT_GT(mean_difference(book_rendered(scene, 32), empty), 0.006) << k << " on " << b;
    }
  }
}

TEST(PicturebookRender, PaintsSolidsAsTheToyWorldDoes) {
  Random random(4);
  for (int i = 0; i < 50; ++i) {
    const Claim claim = random_claim(random, Subject::kSolids);
    const Scene scene = random_scene(claim, random);
    world::Scene toy{{}, static_cast<world::Background>(scene.background)};
    for (const Object& o : scene.objects) {
      toy.objects.push_back({o.kind.shape(), o.kind.colour(), o.size, o.r, o.x, o.y});
    }
    std::vector<float> rgb(3 * 64 * 64);
    world::render(toy, 64, rgb.data());
    EXPECT_LT(mean_difference(book_rendered(scene, 64), rgb), 0.03)
        << "but for the background's slope";
  }
}

// The direction of the longer axis of what is not the background, from moments of second order.
double direction(const Scene& scene, int size) {
  auto rgb = book_rendered(scene, size);
  std::vector<float> empty(rgb.size());
  render_background(scene, size, empty.data());
  double sum = 0, x1 = 0, y1 = 0, xx = 0, xy = 0, yy = 0;
  for (int p = 0; p < size * size; ++p) {
    const double weight = std::abs(rgb[static_cast<size_t>(p)] - empty[static_cast<size_t>(p)]);
    const double x = p % size, y = p / size;
    sum += weight;
    x1 += weight * x;
    y1 += weight * y;
    xx += weight * x * x;
    xy += weight * x * y;
    yy += weight * y * y;
  }
  const double mx = x1 / sum, my = y1 / sum;
  return std::atan2(2 * (xy / sum - mx * my), xx / sum - mx * mx - yy / sum + my * my) / 2;
}

TEST(PicturebookRender, TurnsAnObjectClockwise) {
  // y goes down, so that clockwise is the direction from x to y. A rocket has no shadow.
  Scene scene{.background = Background::kNight};
  scene.objects = {{Kind::object("rocket"), Size::kBig, 0.3, 0.5, 0.5, -0.1}};
  const double before = direction(scene, 96);
  scene.objects[0].angle = 0.1;
  EXPECT_NEAR(direction(scene, 96) - before, 0.2, 0.02);
}

TEST(PicturebookRender, RefusesAnImageWithoutPixels) {
  EXPECT_THROW(render({}, 0, nullptr), Error);
}

}  // namespace
}  // namespace unclip::world::picturebook
