#include "judge/picturebook/sighting.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/error.h"
#include "world/picturebook/render.h"

namespace unclip::judge::picturebook {
namespace {

namespace book = world::picturebook;

Sighting look_at(const book::Scene& scene, int size) {
  std::vector<float> rgb(3 * static_cast<size_t>(size) * size);
  book::render(scene, size, rgb.data());
  return look({size, size, rgb.data()});
}

TEST(PicturebookLook, NamesEveryKindItsSizeAndItsPlace) {
  // Two kinds at once, one small and one big.
  for (int k = 0; k < kKinds; k += 2) {
    const int other = (k + 37) % kKinds;
    book::Scene scene{.background = static_cast<book::Background>(k % book::kBackgrounds)};
    scene.objects = {{book::Kind(k), world::Size::kSmall, 0.14, 0.25, 0.6, 0.05},
                     {book::Kind(other), world::Size::kBig, 0.21, 0.74, 0.55, -0.05}};
    const Sighting seen = look_at(scene, 128);
    ASSERT_EQ(seen.objects.size(), 2u) << name(k) << " and " << name(other);
    EXPECT_EQ(static_cast<int>(seen.background), k % book::kBackgrounds + 1);
    for (size_t i = 0; i < 2; ++i) {
      const auto& object = scene.objects[i];
      EXPECT_EQ(name(seen.objects[i].kind), name(object.kind.index()));
      EXPECT_EQ(seen.objects[i].size, i == 0 ? Size::kSmall : Size::kBig)
          << name(object.kind.index());
      EXPECT_NEAR(seen.objects[i].x, object.x, 0.02) << name(object.kind.index());
      EXPECT_NEAR(seen.objects[i].y, object.y, 0.02) << name(object.kind.index());
      EXPECT_NEAR(seen.objects[i].r, object.r, 0.015) << name(object.kind.index());
    }
  }
}

TEST(PicturebookLook, SeesNothingOnAnEmptyBackground) {
  for (int b = 0; b < book::kBackgrounds; ++b) {
    const Sighting seen =
        look_at({.background = static_cast<book::Background>(b), .star_seed = 5}, 128);
    EXPECT_TRUE(seen.objects.empty()) << b;
    EXPECT_EQ(static_cast<int>(seen.background), b + 1);
  }
}

TEST(PicturebookLook, TakesWhatIsInNoWorldForNoObject) {
  std::vector<float> rgb(3 * 128 * 128, 0.94f);
  // A cyan cross.
  for (int y = 30; y < 98; ++y) {
    for (int x = 30; x < 98; ++x) {
      if (std::abs(x - 64) > 9 && std::abs(y - 64) > 9) continue;
      rgb[static_cast<size_t>(y) * 128 + x] = 0.1f;
    }
  }
  const Sighting seen = look({128, 128, rgb.data()});
  // It may be taken for several things, but not for one.
  ASSERT_FALSE(seen.objects.empty());
  EXPECT_FALSE(seen.objects.size() == 1 && seen.objects[0].kind != kUnknownKind);
}

TEST(PicturebookLook, CallsABackgroundOfAnotherColourUnknown) {
  std::vector<float> rgb(3 * 64 * 64, 0.f);
  std::fill(rgb.begin(), rgb.begin() + 64 * 64, 0.9f);
  EXPECT_EQ(look({64, 64, rgb.data()}).background, Background::kUnknown);
}

TEST(PicturebookLook, TakesAnyPixels) {
  world::Random random(3);
  std::vector<float> rgb(3 * 40 * 40);
  for (int i = 0; i < 10; ++i) {
    for (float& value : rgb) value = static_cast<float>(world::uniform(random, -2, 3));
    EXPECT_NO_THROW(look({40, 40, rgb.data()}));
  }
}

TEST(PicturebookLook, RefusesWhatIsNoImage) {
  std::vector<float> rgb(3 * 20 * 20, .5f);
  EXPECT_THROW(look({8, 20, rgb.data()}), Error);
  EXPECT_THROW(look({20, 20, nullptr}), Error);
  rgb[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(look({20, 20, rgb.data()}), Error);
}

}  // namespace
}  // namespace unclip::judge::picturebook
