#include "world/picturebook/held_out.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "world/picturebook/claims.h"

namespace unclip::world::picturebook {
namespace {

const std::string& name(Kind kind) {
  return object_kinds()[static_cast<size_t>(kind.index())].names.front().one;
}

Kind random_object(Random& random) { return Kind(below(random, kObjects)); }

// The draw that README.md speaks of.
TEST(PicturebookHeldOut, IsWhatSeed20Chose) {
  Random random(20);
  std::set<std::pair<int, int>> pairs;
  std::vector<std::pair<int, int>> in_order;
  while (pairs.size() < 40) {
    const int a = random_object(random).index(), b = random_object(random).index();
    if (a == b) continue;
    const std::pair pair = std::minmax({a, b});
    if (pairs.insert(pair).second) in_order.push_back(pair);
  }
  for (size_t i = 0; i < in_order.size(); ++i) {
    const auto& [first, second] = held_out_pairs()[i];
    EXPECT_EQ(std::pair(first.index(), second.index()), in_order[i]) << i;
  }
  EXPECT_EQ(held_out_pairs().size(), 44u) << "with the toy world's four";

  std::set<int> used;
  for (const auto& [kind, backgrounds] : held_out_backgrounds()) {
    Kind drawn = random_object(random);
    while (!used.insert(drawn.index()).second) drawn = random_object(random);
    const int first = 1 + below(random, kBackgrounds - 1);
    int second = first;
    while (second == first) second = 1 + below(random, kBackgrounds - 1);
    EXPECT_EQ(kind, drawn);
    EXPECT_EQ(static_cast<int>(backgrounds[0]), first);
    EXPECT_EQ(static_cast<int>(backgrounds[1]), second);
  }
  EXPECT_EQ(used.size(), 10u);

  std::set<int> counted;
  for (const Kind kind : held_out_counts()) {
    Kind drawn = random_object(random);
    while (!counted.insert(drawn.index()).second) drawn = random_object(random);
    EXPECT_EQ(kind, drawn);
  }
  EXPECT_EQ(counted.size(), 5u);
}

TEST(PicturebookHeldOut, IsWrittenDown) {
  std::ifstream in("world/picturebook/README.md");
  std::istringstream words(std::string{std::istreambuf_iterator<char>(in), {}});
  std::string readme;
  for (std::string word; words >> word;) readme += word + " ";
  for (size_t i = 0; i < 40; ++i) {
    const auto text = name(held_out_pairs()[i].first) + " and " + name(held_out_pairs()[i].second);
    EXPECT_NE(readme.find(text), readme.npos) << text;
  }
  for (const auto& held : held_out_backgrounds()) {
    EXPECT_NE(readme.find(name(held.kind) + ": "), readme.npos) << name(held.kind);
  }
}

TEST(PicturebookHeldOut, IsInNoTrainingClaimAndNoVariant) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const Claim claim = random_claim(random);
    ASSERT_FALSE(held_out(claim));
    ASSERT_FALSE(held_out(random_scene(claim, random)));
    ASSERT_FALSE(held_out(variant(claim, random)));
    ASSERT_FALSE(held_out(one_word_wrong(claim, random)));
  }
}

TEST(PicturebookHeldOut, ClaimsAreAndSoAreTheirScenes) {
  Random random(2);
  for (const Subject subject : {Subject::kOne, Subject::kTwo, Subject::kCount, Subject::kSolids}) {
    for (int i = 0; i < 500; ++i) {
      const Claim claim = random_held_out_claim(random, subject);
      ASSERT_TRUE(held_out(claim));
      ASSERT_TRUE(held_out(turned(claim)));
      const Scene scene = random_scene(claim, random);
      ASSERT_TRUE(held_out(scene));
      ASSERT_TRUE(is_true(claim, scene));
    }
  }
}

}  // namespace
}  // namespace unclip::world::picturebook
