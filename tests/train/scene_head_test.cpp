#include "train/scene_head.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unclip::train {
namespace {

using world::Object;
using world::Scene;

const Object kRedBall{world::Shape::kBall, world::Colour::kRed, world::Size::kBig, 0.2, 0.25, 0.5};
const Object kGreenCone{
    world::Shape::kCone, world::Colour::kGreen, world::Size::kSmall, 0.1, 0.75, 0.5};
const Object kCubeBelow{
    world::Shape::kCube, world::Colour::kBlue, world::Size::kBig, 0.2, 0.25, 0.9};
constexpr auto kWhite = world::Background::kWhite;

TEST(SceneHead, NamesTheLeftOrUpperObjectFirst) {
  const auto answers = SceneHead::answers({Scene{{kRedBall, kGreenCone}, kWhite},
                                           Scene{{kGreenCone, kRedBall}, kWhite},
                                           Scene{{kCubeBelow, kRedBall}, kWhite}});
  EXPECT_TRUE(at::equal(answers[0], at::tensor({1, 0, 0, 0, 1, 3, 3, 0}, at::kLong)));
  EXPECT_TRUE(at::equal(answers[1], answers[0]));
  EXPECT_TRUE(at::equal(answers[2], at::tensor({2, 0, 0, 0, 1, 1, 4, 1}, at::kLong)));
}

TEST(SceneHead, AsksNothingOfAnObjectThatIsNotThere) {
  const auto answers = SceneHead::answers({Scene{{kRedBall}, kWhite}});
  EXPECT_EQ(answers.eq(SceneHead::kNothing).sum().item<int64_t>(), 3);
}

TEST(SceneHead, ThatKnowsNothingLosesTheLogarithmOfTheChoices) {
  const SceneHead head(16, /*seed=*/1, at::kCPU);
  for (const auto& [name, value] : head.parameters()) value.detach().zero_();
  const auto answers = SceneHead::answers({Scene{{kRedBall}, kWhite}});
  const auto reading = head.read(at::ones({1, 16}), answers);
  // arrangement, background, shape, colour, size
  EXPECT_NEAR(reading.loss.item<double>(), std::log(3.0 * 4 * 6 * 8 * 2) / 5, 1e-5);
}

TEST(SceneHead, ReadsDirectionsNotLengths) {
  at::manual_seed(1);
  const SceneHead head(16, /*seed=*/1, at::kCPU);
  const auto z = at::randn({2, 16});
  const auto answers = SceneHead::answers(
      {Scene{{kRedBall}, kWhite}, Scene{{kRedBall, kGreenCone}, world::Background::kNight}});
  EXPECT_NEAR(head.read(z, answers).loss.item<double>(),
              head.read(7 * z, answers).loss.item<double>(), 1e-5);
}

TEST(SceneHead, LearnsToTellTwoScenesApart) {
  at::manual_seed(1);
  const SceneHead head(16, /*seed=*/1, at::kCPU);
  const auto z = at::randn({2, 16});
  const auto answers = SceneHead::answers(
      {Scene{{kRedBall, kGreenCone}, kWhite}, Scene{{kCubeBelow}, world::Background::kNight}});
  for (int step = 0; step < 100; ++step) {
    head.read(z, answers).loss.backward();
    const at::NoGradGuard no_grad;
    for (const auto& [name, value] : head.parameters()) {
      auto parameter = value;
      parameter.sub_(parameter.grad(), 0.3);
      parameter.mutable_grad().zero_();
    }
  }
  EXPECT_EQ(head.read(z, answers).accuracy.item<double>(), 1);
}

}  // namespace
}  // namespace unclip::train
