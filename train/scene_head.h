#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace unclip::train {

/// A linear layer that reads the scene from a CLIP embedding, of an image or of a text alike. It
/// answers a world's questions (TrainingWorld::answer_counts). Its loss next to the contrastive one
/// teaches the towers at once what every image shows, which the contrast teaches only through other
/// images. It exists only in training. After the same thought with captions, Yu et al. 2022, eq. 2,
/// https://arxiv.org/abs/2205.01917
class SceneHead {
 public:
  /// answer_counts (Q): how many answers each question has.
  SceneHead(int64_t width, std::vector<int64_t> answer_counts, uint64_t seed, at::Device device);

  /// The mean cross entropy of the answers, and the share that is right.
  /// embeddings (B, D) of any length, answers (B, Q) int64, kNoAnswer if a scene has none ->
  /// scalars
  struct Reading {
    at::Tensor loss, accuracy;
  };
  Reading read(const at::Tensor& embeddings, const at::Tensor& answers) const;

  std::vector<std::pair<std::string, at::Tensor>> parameters() const;

 private:
  std::vector<int64_t> answer_counts_;
  at::Tensor weight_;  // (answers of all questions, D)
  at::Tensor bias_;
};

}  // namespace unclip::train
