#include "world/picturebook/scene.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"
#include "world/picturebook/sprite.h"

namespace unclip::world::picturebook {
namespace {

const Kind kCatKind = Kind::object("cat"), kAppleKind = Kind::object("apple");

TEST(PicturebookScene, IsWhatItsClaimSays) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    const Scene scene = random_scene(claim, random);
    ASSERT_TRUE(is_true(claim, scene)) << plain_caption(claim);
    ASSERT_TRUE(is_true(turned(claim), scene)) << plain_caption(claim);
  }
}

TEST(PicturebookScene, IsNotWhatAChangedClaimSays) {
  Random random(2);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    for (const Claim& wrong : {variant(claim, random), one_word_wrong(claim, random)}) {
      ASSERT_FALSE(compatible(claim, wrong))
          << plain_caption(claim) << " | " << plain_caption(wrong);
      ASSERT_FALSE(is_true(claim, random_scene(wrong, random)))
          << plain_caption(claim) << " | " << plain_caption(wrong);
    }
  }
}

TEST(PicturebookScene, IsTheSameFromTheSameSeed) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random one(seed), other(seed);
    const Claim claim = random_claim(one);
    ASSERT_EQ(claim, random_claim(other));
    const Scene a = random_scene(claim, one), b = random_scene(claim, other);
    ASSERT_EQ(a.objects.size(), b.objects.size());
    for (size_t i = 0; i < a.objects.size(); ++i) {
      EXPECT_EQ(a.objects[i].x, b.objects[i].x);
      EXPECT_EQ(a.objects[i].y, b.objects[i].y);
      EXPECT_EQ(a.objects[i].r, b.objects[i].r);
    }
  }
}

TEST(PicturebookScene, KeepsItsObjectsInTheImageAndApart) {
  Random random(3);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    const Scene scene = random_scene(claim, random);
    for (const Object& a : scene.objects) {
      ASSERT_GT(a.x - a.r * half_width(a.kind), -0.005) << plain_caption(claim);
      ASSERT_LT(a.x + a.r * half_width(a.kind), 1.005) << plain_caption(claim);
      ASSERT_GT(a.y - a.r * half_height(a.kind), -0.005) << plain_caption(claim);
      ASSERT_LT(a.y + a.r * half_height(a.kind), 1.005) << plain_caption(claim);
      for (const Object& b : scene.objects) {
        if (&a == &b) continue;
        const double apart = std::max(std::abs(a.x - b.x), std::abs(a.y - b.y));
        ASSERT_GT(apart, 0.95 * (a.r + b.r) - 0.02) << plain_caption(claim);
      }
    }
  }
}

TEST(PicturebookScene, HasFeetBelowTheHorizonUnlessItFlies) {
  Random random(4);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random, Subject::kOne);
    const Scene scene = random_scene(claim, random);
    const Object& object = scene.objects.front();
    if (!has_horizon(scene.background) || object.kind.flies()) continue;
    ASSERT_GT(object.y + object.r * half_height(object.kind), scene.horizon + 0.04);
  }
}

TEST(PicturebookClaims, AreOfAllKindsBackgroundsAndCounts) {
  Random random(5);
  std::map<int, int> kinds, backgrounds, counts;
  constexpr int kClaims = 8000;
  for (int i = 0; i < kClaims; ++i) {
    const Claim claim = random_claim(random);
    for (const ObjectClaim& object : claim.objects) ++kinds[object.kind.index()];
    ++backgrounds[static_cast<int>(background(claim))];
    ++counts[count_objects(claim)];
  }
  EXPECT_EQ(kinds.size(), size_t{kKinds});
  EXPECT_EQ(backgrounds.size(), size_t{kBackgrounds});
  const std::map<int, double> shares = {{1, 0.3}, {2, 0.5}, {3, 0.1}, {4, 0.1}};
  for (const auto& [count, share] : shares)
    EXPECT_NEAR(counts[count] / double{kClaims}, share, 0.03) << count;
}

TEST(PicturebookClaims, OfTwoOfAKindAreTrueOfPairs) {
  const Claim two{{{kCatKind, 2}}};
  const Claim pair{{{kCatKind}, {kCatKind}}, Relation::kLeftOf};
  Random random(6);
  EXPECT_TRUE(is_true(two, random_scene(pair, random)));
  EXPECT_TRUE(compatible(two, pair));
  EXPECT_TRUE(same_meaning(two, {{{kCatKind}, {kCatKind}}, Relation::kAnd}));
  EXPECT_FALSE(same_meaning(two, pair));
  EXPECT_FALSE(compatible(two, {{{kCatKind, 3}}}));
  EXPECT_FALSE(compatible(two, {{{kCatKind}, {kAppleKind}}, Relation::kAnd}));
}

TEST(PicturebookScene, RefusesClaimsOfWhichThereIsNone) {
  Random random(7);
  for (const Claim& claim : {Claim{}, Claim{{{kCatKind, 0}}}, Claim{{{kCatKind, 5}}},
                             Claim{{{kCatKind, 2}, {kAppleKind, 1}}, Relation::kLeftOf},
                             Claim{{{kCatKind}, {kCatKind}, {kAppleKind}}, Relation::kLeftOf}}) {
    EXPECT_THROW(random_scene(claim, random), Error);
  }
}

}  // namespace
}  // namespace unclip::world::picturebook
