#include "world/scene.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

#include "base/error.h"

namespace unclip::world {
namespace {

ObjectClaim red_ball() { return {Shape::kBall, Colour::kRed, std::nullopt}; }
ObjectClaim green_cone() { return {Shape::kCone, Colour::kGreen, std::nullopt}; }

Scene scene_of(double x1, double y1, double x2, double y2) {
  return {{{Shape::kBall, Colour::kRed, Size::kSmall, 0.14, x1, y1},
           {Shape::kCone, Colour::kGreen, Size::kBig, 0.21, x2, y2}},
          Background::kWhite};
}

TEST(Claim, IsTrueOfTheSceneThatIsMadeFromIt) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const Claim claim = i % 4 ? random_claim(random) : random_held_out_claim(random, 1 + i / 4 % 2);
    const Scene scene = random_scene(claim, random);
    ASSERT_TRUE(is_true(claim, scene));
    ASSERT_TRUE(is_true(turned(claim), scene));
    ASSERT_TRUE(compatible(claim, claim));
    ASSERT_TRUE(same_meaning(claim, turned(claim)));
  }
}

TEST(Claim, TellsWhereTheFirstObjectStands) {
  const Scene left = scene_of(0.25, 0.5, 0.75, 0.5), right = scene_of(0.75, 0.5, 0.25, 0.5);
  const Scene top = scene_of(0.5, 0.25, 0.5, 0.75), bottom = scene_of(0.5, 0.75, 0.5, 0.25);
  const auto truths = [&](Relation relation) {
    const Claim claim{{red_ball(), green_cone()}, relation, std::nullopt};
    return std::tuple(is_true(claim, left), is_true(claim, right), is_true(claim, top),
                      is_true(claim, bottom));
  };
  EXPECT_EQ(truths(Relation::kLeftOf), std::tuple(true, false, false, false));
  EXPECT_EQ(truths(Relation::kRightOf), std::tuple(false, true, false, false));
  EXPECT_EQ(truths(Relation::kAbove), std::tuple(false, false, true, false));
  EXPECT_EQ(truths(Relation::kBelow), std::tuple(false, false, false, true));
  EXPECT_EQ(truths(Relation::kNextTo), std::tuple(true, true, false, false));
  EXPECT_EQ(truths(Relation::kAnd), std::tuple(true, true, true, true));
}

TEST(Claim, IsFalseWhenAnythingItSaysIsOtherwise) {
  const Scene scene = scene_of(0.25, 0.5, 0.75, 0.5);
  const Claim claim{{red_ball(), green_cone()}, Relation::kLeftOf, std::nullopt};
  ASSERT_TRUE(is_true(claim, scene));

  Claim white = claim, night = claim, small = claim, big = claim, one = claim, swapped = claim;
  white.background = Background::kWhite;
  night.background = Background::kNight;
  small.objects[0].size = Size::kSmall;
  big.objects[0].size = Size::kBig;
  one.objects.pop_back();
  std::swap(swapped.objects[0].colour, swapped.objects[1].colour);
  EXPECT_TRUE(is_true(white, scene));
  EXPECT_FALSE(is_true(night, scene));
  EXPECT_TRUE(is_true(small, scene));
  EXPECT_FALSE(is_true(big, scene));
  EXPECT_FALSE(is_true(one, scene));
  EXPECT_FALSE(is_true(swapped, scene));

  Scene at_night = scene;
  at_night.background = Background::kNight;
  EXPECT_FALSE(is_true(claim, at_night));
  EXPECT_TRUE(is_true(night, at_night));
}

TEST(Claim, IsCompatibleWithAnotherWhereOneSceneCanMakeBothTrue) {
  const Claim left{{red_ball(), green_cone()}, Relation::kLeftOf, std::nullopt};
  Claim next = left, any = left, above = left, right_turned = turned(left), big = left;
  next.relation = Relation::kNextTo;
  any.relation = Relation::kAnd;
  above.relation = Relation::kAbove;
  big.objects[1].size = Size::kBig;
  EXPECT_EQ(right_turned.relation, Relation::kRightOf);
  EXPECT_EQ(right_turned.objects[0], green_cone());
  for (const Claim& other : {next, any, right_turned, big}) EXPECT_TRUE(compatible(left, other));
  EXPECT_FALSE(compatible(left, above));
  EXPECT_FALSE(compatible(next, above));
  EXPECT_FALSE(same_meaning(left, next));
  EXPECT_TRUE(same_meaning(left, right_turned));
}

TEST(RandomScene, KeepsSizesAndPlaces) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const Scene scene = random_scene(random_claim(random), random);
    const bool alone = scene.objects.size() == 1;
    for (const Object& o : scene.objects) {
      const double r = (o.size == Size::kSmall ? 0.14 : 0.21) * (alone ? 1.5 : 1);
      ASSERT_NEAR(o.r, r, 0.0075 * (alone ? 1.5 : 1) + 1e-12);
      if (alone) {
        ASSERT_NEAR(o.x, 0.5, 0.04);
        ASSERT_NEAR(o.y, 0.5, 0.04);
      }
    }
    if (alone) continue;
    const Object &a = scene.objects[0], &b = scene.objects[1];
    const bool flat = std::abs(a.x - b.x) > std::abs(a.y - b.y);
    for (const Object& o : scene.objects) {
      const double along = flat ? o.x : o.y, across = flat ? o.y : o.x;
      ASSERT_NEAR(std::abs(along - 0.5), 0.25, 0.04);
      ASSERT_NEAR(across, 0.5, 0.04);
    }
    ASSERT_LT(((flat ? a.x : a.y) - 0.5) * ((flat ? b.x : b.y) - 0.5), 0);
  }
}

TEST(RandomScene, OfOneSeedIsTheSameOnEveryPlatform) {
  Random random(7);
  EXPECT_EQ(random(), 13915952638675311015u);
  EXPECT_EQ(below(random, 1000), 949);
  EXPECT_DOUBLE_EQ(uniform(random, -1, 1), -0.765171437930964);
}

TEST(RandomClaim, SaysEverythingThereIsToSay) {
  Random random(3);
  std::set<std::pair<Colour, Shape>> kinds;
  std::set<Relation> relations;
  std::set<std::optional<Background>> backgrounds;
  std::set<std::optional<Size>> sizes;
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    relations.insert(claim.relation);
    backgrounds.insert(claim.background);
    for (const ObjectClaim& o : claim.objects) {
      kinds.insert({o.colour, o.shape});
      sizes.insert(o.size);
    }
  }
  EXPECT_EQ(kinds.size(), size_t{kColours * kShapes});
  EXPECT_EQ(relations.size(), 7u);
  EXPECT_EQ(backgrounds.size(), 5u);
  EXPECT_EQ(sizes.size(), 3u);
  EXPECT_THROW(random_claim(random, 3), Error);
  EXPECT_THROW(random_held_out_claim(random, 0), Error);
}

// The world's promise, written down a second time.
bool is_kept_out(const Claim& claim) {
  using enum Colour;
  using enum Shape;
  const auto kind = [&](size_t i) {
    return std::pair(claim.objects[i].colour, claim.objects[i].shape);
  };
  if (claim.objects.size() == 1)
    return kind(0) == std::pair(kPink, kStar) || kind(0) == std::pair(kGreen, kRing);
  const std::set<std::pair<Colour, Shape>> both = {kind(0), kind(1)};
  return both == std::set{std::pair(kRed, kBall), std::pair(kBlue, kCube)} ||
         both == std::set{std::pair(kGreen, kStar), std::pair(kPurple, kRing)} ||
         both == std::set{std::pair(kYellow, kCone), std::pair(kPink, kCylinder)} ||
         both == std::set{std::pair(kOrange, kCube), std::pair(kBrown, kStar)};
}

TEST(HeldOut, IsNeverDrawnForTrainingNorMadeByAChange) {
  Random random(4);
  for (int i = 0; i < 100000; ++i) {
    const Claim claim = random_claim(random);
    ASSERT_FALSE(is_kept_out(claim));
    ASSERT_FALSE(held_out(claim));
    ASSERT_FALSE(is_kept_out(variant(claim, random)));
    ASSERT_FALSE(is_kept_out(one_word_wrong(claim, random)));
  }
}

TEST(HeldOut, IsAllThatIsDrawnForMeasuring) {
  Random random(5);
  std::set<std::tuple<Colour, Shape, Colour, Shape>> drawn;
  for (int i = 0; i < 4000; ++i) {
    const Claim claim = random_held_out_claim(random, 1 + i % 2);
    ASSERT_EQ(claim.objects.size(), size_t(1 + i % 2));
    ASSERT_TRUE(is_kept_out(claim));
    ASSERT_TRUE(held_out(claim));
    ASSERT_TRUE(held_out(random_scene(claim, random)));
    ASSERT_FALSE(is_kept_out(variant(claim, random)));
    ASSERT_FALSE(is_kept_out(one_word_wrong(claim, random)));
    const ObjectClaim &a = claim.objects.front(), &b = claim.objects.back();
    drawn.insert({a.colour, a.shape, b.colour, b.shape});
  }
  EXPECT_EQ(drawn.size(), 2u + 4u * 2u);
}

TEST(HeldOut, LeavesAPinkStarBesideAnotherObjectInTraining) {
  const ObjectClaim pink_star{Shape::kStar, Colour::kPink, std::nullopt};
  EXPECT_TRUE(held_out(Claim{{pink_star}, Relation::kNone, std::nullopt}));
  EXPECT_FALSE(held_out(Claim{{pink_star, red_ball()}, Relation::kAnd, std::nullopt}));
}

TEST(Variant, IsFalseOfEverySceneOfTheOriginal) {
  Random random(6);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    const Claim negative = variant(claim, random), wrong = one_word_wrong(claim, random);
    for (int k = 0; k < 4; ++k) {
      const Scene scene = random_scene(claim, random);
      ASSERT_FALSE(is_true(negative, scene));
      ASSERT_FALSE(is_true(wrong, scene));
    }
    ASSERT_FALSE(is_true(claim, random_scene(negative, random)));
  }
}

TEST(Variant, MakesOneSmallErrorOfEachKind) {
  Random random(8);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    const Claim wrong = one_word_wrong(claim, random);
    ASSERT_EQ(wrong.objects.size(), claim.objects.size());
    int differences = (wrong.relation != claim.relation) + (wrong.background != claim.background);
    for (size_t k = 0; k < claim.objects.size(); ++k) {
      const ObjectClaim &a = claim.objects[k], &b = wrong.objects[k];
      differences += (a.shape != b.shape) + (a.colour != b.colour) + (a.size != b.size);
      ASSERT_EQ(a.size.has_value(), b.size.has_value());
    }
    ASSERT_EQ(differences, 1);
  }
}

TEST(Variant, ChangesNothingThatTheClaimDoesNotSay) {
  Random random(9);
  const Claim any{{red_ball(), green_cone()}, Relation::kAnd, std::nullopt};
  const Claim alone{{red_ball()}, Relation::kNone, std::nullopt};
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(changed(any, Change::kRelation, random));
    EXPECT_FALSE(changed(any, Change::kSize, random));
    EXPECT_FALSE(changed(any, Change::kSwapSizes, random));
    EXPECT_FALSE(changed(alone, Change::kRelation, random));
    EXPECT_FALSE(changed(alone, Change::kSwapColours, random));
    EXPECT_TRUE(changed(any, Change::kSwapColours, random));
    EXPECT_TRUE(changed(alone, Change::kBackground, random));
  }
}

}  // namespace
}  // namespace unclip::world
