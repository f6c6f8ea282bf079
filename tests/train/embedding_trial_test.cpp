#include "train/embedding_trial.h"

#include <gtest/gtest.h>

namespace unclip::train {
namespace {

using judge::Colour;
using judge::Shape;
using judge::Sighting;

Sighting ball_and_cube(double ball_x) {
  Sighting sighting;
  sighting.objects = {{.shape = Shape::kBall, .colour = Colour::kRed, .x = ball_x, .y = 0.5},
                      {.shape = Shape::kCube, .colour = Colour::kBlue, .x = 0.8, .y = 0.5}};
  return sighting;
}

TEST(SamePlaces, AllowATenthOfTheSide) {
  EXPECT_TRUE(same_places(ball_and_cube(0.2), ball_and_cube(0.29)));
  EXPECT_FALSE(same_places(ball_and_cube(0.2), ball_and_cube(0.31)));
}

TEST(SamePlaces, WantEveryObjectAndNoOther) {
  auto ball = ball_and_cube(0.2);
  ball.objects.pop_back();
  EXPECT_FALSE(same_places(ball, ball_and_cube(0.2)));
  EXPECT_FALSE(same_places(ball_and_cube(0.2), ball));
}

TEST(SamePlaces, WantShapeAndColour) {
  auto other = ball_and_cube(0.2);
  other.objects[1].shape = Shape::kStar;
  EXPECT_FALSE(same_places(ball_and_cube(0.2), other));
  other = ball_and_cube(0.2);
  other.objects[0].colour = Colour::kBlue;
  EXPECT_FALSE(same_places(ball_and_cube(0.2), other));
  EXPECT_TRUE(same_places(ball_and_cube(0.2), other, Colour::kBlue));
}

}  // namespace
}  // namespace unclip::train
