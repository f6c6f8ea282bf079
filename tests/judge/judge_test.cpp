#include "judge/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"

namespace unclip::judge {
namespace {

using Rgb = std::array<float, 3>;
constexpr Rgb kWhiteGround = {.95f, .95f, .93f}, kSkyGround = {.75f, .87f, .95f};
constexpr Rgb kRedPaint = {.86f, .12f, .12f}, kBluePaint = {.1f, .3f, .85f};

// Flat figures on a flat ground: what a picture needs at least to be understood.
class Drawing {
 public:
  explicit Drawing(int size, const Rgb& ground) : size_(size), rgb_(3 * size * size) {
    paint(ground, [](double, double) { return true; });
  }

  // Paints where inside(x, y) holds, in the unit square.
  Drawing& paint(const Rgb& colour, const std::function<bool(double, double)>& inside) {
    for (int p = 0; p < size_ * size_; ++p) {
      const double x = (p % size_ + .5) / size_, y = (p / size_ + .5) / size_;
      if (!inside(x, y)) continue;
      for (int c = 0; c < 3; ++c) rgb_[c * size_ * size_ + p] = colour[c];
    }
    return *this;
  }

  Sighting look() const { return judge::look({size_, size_, rgb_.data()}); }

 private:
  int size_;
  std::vector<float> rgb_;
};

auto disc(double cx, double cy, double r) {
  return [=](double x, double y) { return std::hypot(x - cx, y - cy) < r; };
}

auto box(double cx, double cy, double half_width, double half_height) {
  return [=](double x, double y) {
    return std::abs(x - cx) < half_width && std::abs(y - cy) < half_height;
  };
}

TEST(Look, MeasuresAFlatDisc) {
  for (int size : {32, 64, 100, 128, 256}) {
    const auto seen = Drawing(size, kSkyGround).paint(kRedPaint, disc(.52, .47, .3)).look();
    EXPECT_EQ(seen.background, Background::kSky);
    ASSERT_EQ(seen.objects.size(), 1u);
    const Seen& ball = seen.objects[0];
    EXPECT_EQ(name(ball.shape), "ball") << size;
    EXPECT_EQ(name(ball.colour), "red") << size;
    EXPECT_EQ(name(ball.size), "big") << size;
    const double tolerance = .4 / std::min(size, 128);
    EXPECT_NEAR(ball.x, .52, tolerance) << size;
    EXPECT_NEAR(ball.y, .47, tolerance) << size;
    EXPECT_NEAR(ball.r, .3, tolerance) << size;
  }
}

TEST(Look, TellsARingFromABallByItsHole) {
  const auto seen = Drawing(128, kWhiteGround)
                        .paint(kBluePaint, disc(.25, .5, .14))
                        .paint(kWhiteGround, disc(.25, .5, .056))
                        .paint(kBluePaint, disc(.75, .5, .21))
                        .look();
  ASSERT_EQ(seen.objects.size(), 2u);
  EXPECT_EQ(name(seen.objects[0].shape), "ring");
  EXPECT_EQ(name(seen.objects[0].size), "small");
  EXPECT_EQ(name(seen.objects[1].shape), "ball");
  EXPECT_EQ(name(seen.objects[1].size), "big");
}

TEST(Look, TakesAHighlightForNoHole) {
  const auto seen = Drawing(128, kWhiteGround)
                        .paint(kBluePaint, disc(.5, .5, .21))
                        .paint({1, 1, 1}, disc(.43, .43, .035))
                        .look();
  ASSERT_EQ(seen.objects.size(), 1u);
  EXPECT_EQ(name(seen.objects[0].shape), "ball");
}

TEST(Look, TakesAShadowForNoObject) {
  for (const Rgb& ground :
       {kWhiteGround, kSkyGround, Rgb{.82f, .92f, .78f}, Rgb{.25f, .27f, .32f}}) {
    const Rgb shadow = {.7f * ground[0], .7f * ground[1], .7f * ground[2]};
    const auto seen = Drawing(128, ground)
                          .paint(shadow, box(.5, .75, .25, .06))
                          .paint(kRedPaint, disc(.5, .5, .21))
                          .look();
    ASSERT_EQ(seen.objects.size(), 1u);
    EXPECT_EQ(name(seen.objects[0].shape), "ball");
    EXPECT_NEAR(seen.objects[0].r, .21, .005);
  }
}

TEST(Look, PartsTwoThatTouch) {
  const auto unlike = Drawing(128, kWhiteGround)
                          .paint(kBluePaint, disc(.29, .5, .21))
                          .paint(kRedPaint, disc(.71, .5, .215))
                          .look();
  ASSERT_EQ(unlike.objects.size(), 2u);
  EXPECT_EQ(name(unlike.objects[0].colour), "blue");
  EXPECT_EQ(name(unlike.objects[1].colour), "red");
  const auto alike = Drawing(128, kWhiteGround)
                         .paint(kRedPaint, disc(.29, .5, .21))
                         .paint(kRedPaint, disc(.71, .5, .215))
                         .look();
  ASSERT_EQ(alike.objects.size(), 2u);
  EXPECT_EQ(name(alike.objects[0].shape), "ball");
  EXPECT_EQ(name(alike.objects[1].shape), "ball");
}

TEST(Look, CallsAShapeThatIsNoneOfTheSixUnknown) {
  const auto shape_of = [](const std::function<bool(double, double)>& inside) {
    const auto seen = Drawing(128, kWhiteGround).paint(kRedPaint, inside).look();
    return seen.objects.size() == 1 ? seen.objects[0].shape : Shape::kUnknown;
  };
  const auto cross = [](double x, double y) {
    return box(.5, .5, .25, .08)(x, y) || box(.5, .5, .08, .25)(x, y);
  };
  const auto half_disc = [](double x, double y) { return y > .5 && disc(.5, .5, .3)(x, y); };
  const auto ellipse = [](double x, double y) { return disc(.5, .5, .2)(x, .5 + (y - .5) * 1.8); };
  const auto upside_down = [](double x, double y) {
    return y > .3 && y < .75 && std::abs(x - .5) < .6 * (.75 - y);
  };
  const auto diamond = [](double x, double y) { return std::abs(x - .5) + std::abs(y - .5) < .25; };
  const auto open_ring = [](double x, double y) {
    return disc(.5, .5, .3)(x, y) && !disc(.5, .5, .12)(x, y) && !box(.7, .5, .2, .09)(x, y);
  };
  const auto thick_ring = [](double x, double y) {
    return disc(.5, .5, .3)(x, y) && !disc(.5, .5, .075)(x, y);
  };
  EXPECT_EQ(name(shape_of(open_ring)), "unknown");
  EXPECT_EQ(name(shape_of(thick_ring)), "unknown");
  EXPECT_EQ(name(shape_of(box(.5, .5, .25, .25))), "unknown");
  EXPECT_EQ(name(shape_of(cross)), "unknown");
  EXPECT_EQ(name(shape_of(half_disc)), "unknown");
  EXPECT_EQ(name(shape_of(ellipse)), "unknown");
  EXPECT_EQ(name(shape_of(upside_down)), "unknown");
  EXPECT_EQ(name(shape_of(diamond)), "unknown");
  EXPECT_EQ(name(shape_of(box(.5, .5, .3, .1))), "unknown");
}

TEST(Look, TakesOneLongThingForOne) {
  const auto seen = Drawing(128, kWhiteGround).paint(kRedPaint, box(.5, .5, .27, .15)).look();
  EXPECT_EQ(seen.objects.size(), 1u);
}

TEST(Look, CallsAnObjectOfTwoColoursNoneOfEither) {
  const auto seen =
      Drawing(128, kWhiteGround)
          .paint(kRedPaint, disc(.5, .5, .3))
          .paint(kBluePaint, [](double x, double y) { return x > .5 && disc(.5, .5, .3)(x, y); })
          .look();
  for (const Seen& object : seen.objects) EXPECT_EQ(name(object.shape), "unknown");
}

TEST(Look, CallsAColourThatIsNoneOfTheEightUnknown) {
  for (const Rgb& colour : {Rgb{.5f, .5f, .5f}, Rgb{.1f, .75f, .8f}, Rgb{.9f, .1f, .8f},
                            Rgb{.05f, .05f, .05f}, Rgb{.6f, .95f, .1f}}) {
    const auto seen = Drawing(128, kWhiteGround).paint(colour, disc(.5, .5, .3)).look();
    for (const Seen& object : seen.objects) {
      EXPECT_EQ(name(object.colour), "unknown")
          << colour[0] << " " << colour[1] << " " << colour[2];
    }
  }
}

TEST(Look, CallsAGroundThatIsNoneOfTheFourUnknown) {
  const auto seen = Drawing(128, {.9f, .6f, .6f}).paint(kBluePaint, disc(.5, .5, .3)).look();
  EXPECT_EQ(seen.background, Background::kUnknown);
}

TEST(Look, SeesNothingOnAnEmptyGround) {
  EXPECT_TRUE(Drawing(128, kWhiteGround).look().objects.empty());
}

TEST(Look, RefusesWhatIsNoPicture) {
  std::vector<float> rgb(3 * 20 * 20, .5f);
  EXPECT_THROW(look({8, 20, rgb.data()}), Error);
  EXPECT_THROW(look({20, 20, nullptr}), Error);
  rgb[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(look({20, 20, rgb.data()}), Error);
}

}  // namespace
}  // namespace unclip::judge
