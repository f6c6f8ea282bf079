#include "train/scene_head.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "train/training_world.h"

namespace unclip::train {
SceneHead::SceneHead(int64_t width, std::vector<int64_t> answer_counts, uint64_t seed,
                     at::Device device)
    : answer_counts_(std::move(answer_counts)) {
  const auto rows = std::accumulate(answer_counts_.begin(), answer_counts_.end(), int64_t{0});
  auto generator = at::detail::createCPUGenerator(seed);
  weight_ = at::empty({rows, width}).normal_(0, 1 / std::sqrt(width), generator).to(device);
  bias_ = at::zeros({rows}, at::device(device));
  weight_.set_requires_grad(true);
  bias_.set_requires_grad(true);
}

SceneHead::Reading SceneHead::read(const at::Tensor& embeddings, const at::Tensor& answers) const {
  const auto width = static_cast<double>(embeddings.size(1));
  const auto z = embeddings / embeddings.norm(2, 1, true) * std::sqrt(width);  // (B, D)
  const auto logits = at::linear(z, weight_, bias_).to(at::kFloat);
  std::vector<at::Tensor> losses, right;
  int64_t begin = 0;
  for (size_t q = 0; q < answer_counts_.size(); ++q) {
    const auto of_question = logits.narrow(1, begin, answer_counts_[q]);
    const auto answer = answers.select(1, static_cast<int64_t>(q));
    // A sum, not a mean, because a batch of single objects has no answers about second ones.
    losses.push_back(
        at::cross_entropy_loss(of_question, answer, {}, at::Reduction::Sum, kNoAnswer));
    right.push_back(of_question.detach().argmax(1).eq(answer).sum());
    begin += answer_counts_[q];
  }
  const auto asked = answers.ne(kNoAnswer).sum();
  return {.loss = at::stack(losses).sum() / asked, .accuracy = at::stack(right).sum() / asked};
}

std::vector<std::pair<std::string, at::Tensor>> SceneHead::parameters() const {
  return {{"scene_head.weight", weight_}, {"scene_head.bias", bias_}};
}

}  // namespace unclip::train
