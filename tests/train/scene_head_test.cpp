#include "train/scene_head.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <vector>

#include "train/training_world.h"

namespace unclip::train {
namespace {

// Two questions about every scene and one about some.
const std::vector<int64_t> kAnswerCounts = {3, 4, 6};

at::Tensor answers(std::initializer_list<std::vector<int64_t>> rows) {
  std::vector<at::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(at::tensor(row, at::kLong));
  return at::stack(tensors);
}

TEST(SceneHead, ThatKnowsNothingLosesTheLogarithmOfTheChoices) {
  const SceneHead head(16, kAnswerCounts, /*seed=*/1, at::kCPU);
  for (const auto& [name, value] : head.parameters()) value.detach().zero_();
  const auto all = head.read(at::ones({1, 16}), answers({{2, 0, 5}}));
  EXPECT_NEAR(all.loss.item<double>(), std::log(3.0 * 4 * 6) / 3, 1e-5);
  const auto some = head.read(at::ones({1, 16}), answers({{2, 0, kNoAnswer}}));
  EXPECT_NEAR(some.loss.item<double>(), std::log(3.0 * 4) / 2, 1e-5);
}

TEST(SceneHead, ReadsDirectionsNotLengths) {
  at::manual_seed(1);
  const SceneHead head(16, kAnswerCounts, /*seed=*/1, at::kCPU);
  const auto z = at::randn({2, 16});
  const auto asked = answers({{0, 1, 2}, {2, 3, kNoAnswer}});
  EXPECT_NEAR(head.read(z, asked).loss.item<double>(), head.read(7 * z, asked).loss.item<double>(),
              1e-5);
}

TEST(SceneHead, LearnsToTellTwoScenesApart) {
  at::manual_seed(1);
  const SceneHead head(16, kAnswerCounts, /*seed=*/1, at::kCPU);
  const auto z = at::randn({2, 16});
  const auto asked = answers({{0, 1, 2}, {2, 3, kNoAnswer}});
  for (int step = 0; step < 100; ++step) {
    head.read(z, asked).loss.backward();
    const at::NoGradGuard no_grad;
    for (const auto& [name, value] : head.parameters()) {
      auto parameter = value;
      parameter.sub_(parameter.grad(), 0.3);
      parameter.mutable_grad().zero_();
    }
  }
  EXPECT_EQ(head.read(z, asked).accuracy.item<double>(), 1);
}

}  // namespace
}  // namespace unclip::train
