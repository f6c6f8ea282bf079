#include "world/picturebook/caption.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "world/caption.h"
#include "world/picturebook/claims.h"

namespace unclip::world::picturebook {
namespace {

const Kind kCat = Kind::object("cat"), kApple = Kind::object("apple"), kDog = Kind::object("dog");

TEST(PicturebookCaption, IsReadBackAsWhatItSays) {
  Random random(1);
  for (int i = 0; i < 2500; ++i) {
    const auto subject = static_cast<Subject>(below(random, 4));
    const Claim claim = i % 8 ? random_claim(random) : random_held_out_claim(random, subject);
    const std::string text = caption(claim, random);
    const auto read = parse_caption(text);
    ASSERT_TRUE(read) << text;
    ASSERT_TRUE(same_meaning(*read, claim)) << text << " | " << plain_caption(claim);
    ASSERT_EQ(parse_caption(plain_caption(claim)), claim) << plain_caption(claim);
  }
}

struct BookReading {
  std::string text;
  Claim claim;
};

TEST(PicturebookCaption, PlainOneIsThePlainEnglishOne) {
  const BookReading readings[] = {
      {"a cat left of an apple at night",
       {{{kCat}, {kApple}}, Relation::kLeftOf, Background::kNight}},
      {"three bananas on grass",
       {{{Kind::object("banana"), 3}}, Relation::kNone, Background::kGrass}},
      {"a sad face above a blue car",
       {{{Kind::object("sad face")}, {Kind::object("blue car")}}, Relation::kAbove}},
      {"two small dogs", {{{kDog, 2, Size::kSmall}}}},
      {"a unicorn and an owl",
       {{{Kind::object("unicorn")}, {Kind::object("owl")}}, Relation::kAnd}},
      {"the sun", {{{Kind::object("sun")}}}},
      {"grapes below cheese",
       {{{Kind::object("grapes")}, {Kind::object("cheese")}}, Relation::kBelow}},
      {"four fish in the snow", {{{Kind::object("fish"), 4}}, Relation::kNone, Background::kSnow}},
      {"a red ball under the stars",
       {{{{Shape::kBall, Colour::kRed}}}, Relation::kNone, Background::kStars}}};
  for (const auto& [text, claim] : readings) {
    EXPECT_EQ(plain_caption(claim), text);
    EXPECT_EQ(parse_caption(text), claim) << text;
  }
}

TEST(PicturebookCaption, IsReadInAPersonsOwnWording) {
  const BookReading readings[] = {
      {"Please paint a little kitten sitting to the left of a large red apple on a starry night.",
       {{{kCat, 1, Size::kSmall}, {kApple, 1, Size::kBig}}, Relation::kLeftOf, Background::kStars}},
      {"there are 3 puppies on the beach", {{{kDog, 3}}, Relation::kNone, Background::kBeach}},
      {"at sunset, a cat over a dog", {{{kCat}, {kDog}}, Relation::kAbove, Background::kSunset}},
      {"a red doughnut", {{{{Shape::kRing, Colour::kRed}}}}},
      {"a donut", {{{Kind::object("doughnut")}}}},
      {"a cat under the sun under the sky",
       {{{kCat}, {Kind::object("sun")}}, Relation::kBelow, Background::kSky}},
      {"cat, dog", {{{kCat}, {kDog}}, Relation::kAnd}},
      {"a cup of coffee", {{{Kind::object("coffee")}}}},
      {"two slices of pizza", {{{Kind::object("pizza"), 2}}}}};
  for (const auto& [text, claim] : readings) {
    const auto read = parse_caption(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, claim) << text << " | " << plain_caption(*read);
  }
}

TEST(PicturebookCaption, IsNotReadIfItIsNone) {
  for (const char* text :
       {"", "a", "a cat left of", "left of a cat", "two cat", "a cats", "a dragon", "a red cat",
        "two cats left of a dog", "three small cats", "a cat a dog", "a ball", "five cats"}) {
    EXPECT_FALSE(parse_caption(text)) << text;
  }
}

TEST(PicturebookCaption, OfTheToyWorldMeansTheSameHere) {
  Random random(2);
  for (int i = 0; i < 2500; ++i) {
    const auto toy = world::random_claim(random);
    Claim claim;
    for (const auto& object : toy.objects)
      claim.objects.push_back({{object.shape, object.colour}, 1, object.size});
    claim.relation = toy.relation;
    if (toy.background) claim.background = static_cast<Background>(*toy.background);
    const std::string text = world::caption(toy, random);
    const auto read = parse_caption(text);
    ASSERT_TRUE(read) << text;
    ASSERT_TRUE(same_meaning(*read, claim)) << text << " | " << plain_caption(*read);
  }
  const auto known = known_words();
  for (const std::string& word : world::known_words()) {
    EXPECT_TRUE(std::binary_search(known.begin(), known.end(), word)) << word;
  }
}

TEST(PicturebookCaption, UsesTheKnownWordsAndNoOthers) {
  const auto known = known_words();
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
  std::set<std::string> seen;
  Random random(3);
  for (int i = 0; i < 60000; ++i) {
    std::string text = caption(random_claim(random), random);
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream in(text);
    for (std::string word; in >> word;) seen.insert(word);
  }
  EXPECT_EQ(std::vector<std::string>(seen.begin(), seen.end()), known);
}

TEST(PicturebookCaption, IsMostOftenThePlainOne) {
  Random random(4);
  std::map<std::string, int> counts;
  const Claim claim{{{kCat}, {kApple}}, Relation::kLeftOf, Background::kNight};
  for (int i = 0; i < 4000; ++i) ++counts[caption(claim, random)];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_EQ(most->first, "a cat left of an apple at night");
  EXPECT_GT(counts.size(), 200u);
}

}  // namespace
}  // namespace unclip::world::picturebook
