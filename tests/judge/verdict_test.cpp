#include "judge/verdict.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace unclip::judge {
namespace {

Seen seen(Colour colour, Shape shape, double x, double y, Size size = Size::kBig) {
  Seen object;
  object.colour = colour;
  object.shape = shape;
  object.x = x;
  object.y = y;
  object.size = size;
  return object;
}

// A big red ball on the left, a small blue cube on the right.
Sighting pair() {
  return {Background::kWhite,
          {seen(Colour::kRed, Shape::kBall, .25, .5),
           seen(Colour::kBlue, Shape::kCube, .75, .52, Size::kSmall)}};
}

Verdict verdict(const Sighting& sighting, std::string_view caption) {
  return compare(sighting, parse_request(caption));
}

TEST(Verdict, IsRightWhenEverythingIsAsAskedFor) {
  for (const char* caption : {"a red ball left of a blue cube", "a blue cube right of a red ball",
                              "a big red ball next to a small blue cube",
                              "a blue cube and a red ball", "a ball beside a cube on white"}) {
    EXPECT_TRUE(verdict(pair(), caption).right()) << caption;
  }
}

TEST(Verdict, SaysWhichQuestionFailed) {
  const auto failed = [](std::string_view caption) {
    const Verdict v = verdict(pair(), caption);
    std::string text;
    for (const auto& [ok, word] :
         {std::pair(v.count, "count "), std::pair(v.shapes, "shapes "),
          std::pair(v.colours, "colours "), std::pair(v.attribution, "attribution "),
          std::pair(v.sizes, "sizes "), std::pair(v.position, "position "),
          std::pair(v.background, "background ")}) {
      if (!ok) text += word;
    }
    return text;
  };
  EXPECT_EQ(failed("a red ball"), "count ");
  EXPECT_EQ(failed("a red ball left of a blue star"), "shapes attribution ");
  EXPECT_EQ(failed("a red ball left of a green cube"), "colours attribution ");
  EXPECT_EQ(failed("a blue ball and a red cube"), "attribution ");
  EXPECT_EQ(failed("a blue ball left of a red cube"), "attribution ");
  EXPECT_EQ(failed("a small red ball left of a blue cube"), "sizes ");
  EXPECT_EQ(failed("a red ball right of a blue cube"), "position ");
  EXPECT_EQ(failed("a red ball above a blue cube"), "position ");
  EXPECT_EQ(failed("a red ball left of a blue cube at night"), "background ");
}

TEST(Verdict, PairsEqualObjectsAsItFits) {
  const Sighting two = {Background::kSky,
                        {seen(Colour::kRed, Shape::kBall, .5, .75, Size::kSmall),
                         seen(Colour::kRed, Shape::kBall, .5, .25, Size::kBig)}};
  EXPECT_TRUE(verdict(two, "a big red ball above a small red ball under the sky").right());
  EXPECT_TRUE(verdict(two, "a red ball below a red ball under the sky").right());
  EXPECT_FALSE(verdict(two, "a big red ball below a small red ball under the sky").right());
  EXPECT_FALSE(verdict(two, "a red ball next to a red ball under the sky").right());
}

TEST(Verdict, WantsTheTwoClearlyApart) {
  Sighting near = pair();
  near.objects[1].x = near.objects[0].x + .1;
  EXPECT_FALSE(verdict(near, "a red ball left of a blue cube").position);
  Sighting aslant = pair();
  aslant.objects[1].y = .95;
  aslant.objects[0].y = .25;
  EXPECT_FALSE(verdict(aslant, "a red ball left of a blue cube").position);
}

TEST(Verdict, AcceptsNothingUnknown) {
  Sighting sighting = pair();
  sighting.objects[0].shape = Shape::kUnknown;
  EXPECT_FALSE(verdict(sighting, "a red ball left of a blue cube").shapes);
  sighting = pair();
  sighting.objects[0].colour = Colour::kUnknown;
  EXPECT_FALSE(verdict(sighting, "a red ball left of a blue cube").colours);
  sighting = pair();
  sighting.objects[0].size = Size::kUnknown;
  EXPECT_FALSE(verdict(sighting, "a big red ball left of a blue cube").sizes);
  sighting.background = Background::kUnknown;
  EXPECT_FALSE(verdict(sighting, "a red ball left of a blue cube").background);
}

TEST(Verdict, OfAnEmptyPictureIsWrong) {
  EXPECT_FALSE(verdict({Background::kWhite, {}}, "a red ball").count);
  EXPECT_FALSE(verdict({Background::kWhite, {}}, "a red ball").shapes);
}

}  // namespace
}  // namespace unclip::judge
