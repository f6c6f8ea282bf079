#include "train/scene_head.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace unclip::train {
namespace {

enum Arrangement { kAlone, kSideBySide, kStacked, kArrangements };

constexpr int kSizes = 2;
/// How many answers each question has: arrangement, background, then shape, colour and size of the
/// first object and of the second.
constexpr std::array<int64_t, 8> kAnswers = {
    kArrangements, world::kBackgrounds, world::kShapes,  world::kColours,
    kSizes,        world::kShapes,      world::kColours, kSizes};

std::array<int64_t, kAnswers.size()> answers_of(const world::Scene& scene) {
  auto objects = scene.objects;
  int64_t arrangement = kAlone;
  if (objects.size() == 2) {
    const auto place = world::place(objects[0], objects[1]);
    const bool flat = place == world::kAtLeft || place == world::kAtRight;
    arrangement = flat ? kSideBySide : kStacked;
    if (place == world::kAtRight || place == world::kAtBottom) std::swap(objects[0], objects[1]);
  }
  std::array<int64_t, kAnswers.size()> result;
  result.fill(SceneHead::kNothing);
  result[0] = arrangement;
  result[1] = static_cast<int64_t>(scene.background);
  for (size_t i = 0; i < objects.size(); ++i) {
    result[2 + 3 * i] = static_cast<int64_t>(objects[i].shape);
    result[3 + 3 * i] = static_cast<int64_t>(objects[i].colour);
    result[4 + 3 * i] = static_cast<int64_t>(objects[i].size);
  }
  return result;
}

}  // namespace

SceneHead::SceneHead(int64_t width, uint64_t seed, at::Device device) {
  const auto rows = std::accumulate(kAnswers.begin(), kAnswers.end(), int64_t{0});
  auto generator = at::detail::createCPUGenerator(seed);
  weight_ = at::empty({rows, width}).normal_(0, 1 / std::sqrt(width), generator).to(device);
  bias_ = at::zeros({rows}, at::device(device));
  weight_.set_requires_grad(true);
  bias_.set_requires_grad(true);
}

at::Tensor SceneHead::answers(const std::vector<world::Scene>& scenes) {
  auto result =
      at::empty({static_cast<int64_t>(scenes.size()), int64_t{kAnswers.size()}}, at::kLong);
  auto* row = result.data_ptr<int64_t>();
  for (const auto& scene : scenes) {
    const auto found = answers_of(scene);
    row = std::copy(found.begin(), found.end(), row);
  }
  return result;
}

SceneHead::Reading SceneHead::read(const at::Tensor& embeddings, const at::Tensor& answers) const {
  const auto width = static_cast<double>(embeddings.size(1));
  const auto z = embeddings / embeddings.norm(2, 1, true) * std::sqrt(width);  // (B, D)
  const auto logits = at::linear(z, weight_, bias_).to(at::kFloat);
  std::vector<at::Tensor> losses, right;
  int64_t begin = 0;
  for (size_t q = 0; q < kAnswers.size(); ++q) {
    const auto of_question = logits.narrow(1, begin, kAnswers[q]);
    const auto answer = answers.select(1, static_cast<int64_t>(q));
    // Summed, for a batch of single objects has nothing to say of second ones.
    losses.push_back(at::cross_entropy_loss(of_question, answer, {}, at::Reduction::Sum, kNothing));
    right.push_back(of_question.detach().argmax(1).eq(answer).sum());
    begin += kAnswers[q];
  }
  const auto asked = answers.ne(kNothing).sum();
  return {.loss = at::stack(losses).sum() / asked, .accuracy = at::stack(right).sum() / asked};
}

std::vector<std::pair<std::string, at::Tensor>> SceneHead::parameters() const {
  return {{"scene_head.weight", weight_}, {"scene_head.bias", bias_}};
}

}  // namespace unclip::train
