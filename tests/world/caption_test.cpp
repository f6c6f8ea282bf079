#include "world/caption.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace unclip::world {
namespace {

using enum Shape;
using enum Colour;
using enum Relation;

constexpr auto kAnySize = std::nullopt;
constexpr auto kUnstated = std::nullopt;

const Claim kRedBallLeftOfGreenCone{
    {{kBall, kRed, kAnySize}, {kCone, kGreen, kAnySize}}, kLeftOf, kUnstated};

TEST(Caption, IsReadBackAsWhatItSays) {
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const Claim claim = i % 8 ? random_claim(random) : random_held_out_claim(random, 1 + i / 8 % 2);
    const std::string text = caption(claim, random);
    const auto read = parse_caption(text);
    ASSERT_TRUE(read) << text;
    ASSERT_TRUE(same_meaning(*read, claim)) << text << " | " << plain_caption(claim);
    ASSERT_EQ(parse_caption(plain_caption(claim)), claim) << plain_caption(claim);
  }
}

TEST(Caption, PlainOneIsThePlainEnglishOne) {
  EXPECT_EQ(plain_caption(kRedBallLeftOfGreenCone), "a red ball left of a green cone");
  EXPECT_EQ(plain_caption({{{kStar, kOrange, kAnySize}}, kNone, kUnstated}), "an orange star");
  EXPECT_EQ(plain_caption({{{kCube, kBlue, Size::kBig}}, kNone, Background::kMint}),
            "a big blue cube on a mint background");
  EXPECT_EQ(plain_caption({{{kRing, kPurple, kAnySize}, {kCylinder, kGreen, Size::kSmall}},
                           kAbove,
                           Background::kSky}),
            "a purple ring above a small green cylinder under the sky");
}

TEST(Caption, IsMostOftenThePlainOne) {
  Random random(2);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[caption(kRedBallLeftOfGreenCone, random)];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  EXPECT_EQ(most->first, "a red ball left of a green cone");
  EXPECT_GT(counts.size(), 50u);
  EXPECT_GT(counts["red ball left of green cone"], 0);
}

TEST(Caption, UsesTheKnownWordsAndNoOthers) {
  const auto known = known_words();
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
  std::set<std::string> seen;
  Random random(3);
  for (int i = 0; i < 40000; ++i) {
    std::string text = caption(random_claim(random), random);
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream in(text);
    for (std::string word; in >> word;) seen.insert(word);
  }
  EXPECT_EQ(std::vector<std::string>(seen.begin(), seen.end()), known);
}

struct Reading {
  std::string text;
  Claim claim;
};

TEST(ParseCaption, ReadsAPersonsOwnWording) {
  const ObjectClaim red_ball{kBall, kRed, kAnySize}, blue_cube{kCube, kBlue, kAnySize};
  const Reading readings[] = {
      {"Red sphere", {{red_ball}, kNone, kUnstated}},
      {"  the  RED ball. ", {{red_ball}, kNone, kUnstated}},
      {"red ball, blue box", {{red_ball, blue_cube}, kAnd, kUnstated}},
      {"red ball, and a blue box", {{red_ball, blue_cube}, kAnd, kUnstated}},
      {"a red ball to the left of a blue cube on white",
       {{red_ball, blue_cube}, kLeftOf, Background::kWhite}},
      {"a red ball under a blue cube under the sky",
       {{red_ball, blue_cube}, kBelow, Background::kSky}},
      {"at night, a red ball on top of one blue cube",
       {{red_ball, blue_cube}, kAbove, Background::kNight}},
      {"a picture of a red ball beside the blue cube, on mint",
       {{red_ball, blue_cube}, kNextTo, Background::kMint}},
      {"a photo of an orange donut at night",
       {{{kRing, kOrange, kAnySize}}, kNone, Background::kNight}},
      {"a tiny red ball", {{{kBall, kRed, Size::kSmall}}, kNone, kUnstated}},
      {"one large red ball", {{{kBall, kRed, Size::kBig}}, kNone, kUnstated}}};
  for (const auto& [text, claim] : readings) EXPECT_EQ(parse_caption(text), claim) << text;
}

TEST(ParseCaption, KnowsTheSynonyms) {
  const auto same = [](const std::string& a, const std::string& b) {
    EXPECT_TRUE(parse_caption(a)) << a;
    EXPECT_EQ(parse_caption(a), parse_caption(b)) << a << " | " << b;
  };
  const std::pair<std::string, std::string> shapes[] = {
      {"sphere", "ball"}, {"box", "cube"},      {"can", "cylinder"}, {"tube", "cylinder"},
      {"donut", "ring"},  {"doughnut", "ring"}, {"torus", "ring"}};
  for (const auto& [a, b] : shapes) same("a red " + a, "a red " + b);
  const std::pair<std::string, std::string> sizes[] = {
      {"large", "big"}, {"tiny", "small"}, {"little", "small"}};
  for (const auto& [a, b] : sizes) same("a " + a + " red cone", "a " + b + " red cone");
  const std::pair<std::string, std::string> relations[] = {{"to the left of", "left of"},
                                                           {"on the left of", "left of"},
                                                           {"to the right of", "right of"},
                                                           {"on the right of", "right of"},
                                                           {"over", "above"},
                                                           {"on top of", "above"},
                                                           {"under", "below"},
                                                           {"beneath", "below"},
                                                           {"beside", "next to"}};
  for (const auto& [a, b] : relations)
    same("a red cone " + a + " a pink star", "a red cone " + b + " a pink star");
  for (const std::string word : {"white", "mint", "sky", "night"})
    for (const std::string place : {"on ", "on the ", "in front of a "})
      same("a red cone " + place + word + (place == "on " ? "" : " background"),
           "a red cone on a " + word + " background");
  same("a red cone against the sky", "a red cone under the sky");
  same("a red cone in the night", "a red cone at night");
  same("a red cone on a night background", "a red cone at night");
  same("a red cone on a sky background", "a red cone under the sky");
}

TEST(ParseCaption, ReadsNothingIntoOtherText) {
  for (const char* text : {"",
                           ",",
                           "a",
                           "red",
                           "ball",
                           "a ball red",
                           "a red ball left",
                           "a red ball left of",
                           "a red ball a blue cube",
                           "a red ball left of a blue cube left of a green cone",
                           "a red fox",
                           "a red ball in the snow",
                           "at night",
                           "a red ball at night at night",
                           "at night, a red ball under the sky",
                           "a red ball,",
                           "three red balls",
                           "a big small red ball",
                           "a red ball under",
                           "r\xC3\xA9"
                           "d ball"})
    EXPECT_FALSE(parse_caption(text)) << text;
}

}  // namespace
}  // namespace unclip::world
