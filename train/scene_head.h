#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace unclip::train {

/// A linear layer that predicts the scene from a CLIP embedding, of an image or of a text. It
/// answers a world's questions (TrainingWorld::answer_counts). Added to the contrastive loss, its
/// loss teaches the encoders directly what each image shows, which the contrastive loss teaches
/// only by comparison with other images. It exists only in training. After the same idea with
/// captions, Yu et al. 2022, eq. 2, https://arxiv.org/abs/2205.01917
class SceneHead {
 public:
  /// answer_counts (Q): the number of answers to each question.
  SceneHead(int64_t width, std::vector<int64_t> answer_counts, uint64_t seed, at::Device device);

  /// The mean cross entropy of the answers, and the share of right ones. embeddings (B, D) of any
  /// length, answers (B, Q) int64, kNoAnswer if the scene has none -> scalars
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
