#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "world/scene.h"

namespace unclip::train {

/// A linear layer that reads the scene from a CLIP embedding, of a picture or of a text alike:
/// arrangement, background, and shape, colour and size of the first object (left or above) and the
/// second. Its loss beside the contrastive one tells the towers at once what every picture shows,
/// where the contrast tells it only through other pictures. It exists in training alone. After the
/// same thought with captions, Yu et al. 2022, eq. 2, https://arxiv.org/abs/2205.01917
class SceneHead {
 public:
  SceneHead(int64_t width, uint64_t seed, at::Device device);

  /// What it reads in each scene. -> (B, Q) int64, kNothing where there is no second object
  static at::Tensor answers(const std::vector<world::Scene>& scenes);
  /// The mean cross entropy of the answers, and the share that is right.
  /// embeddings (B, D) of any length, answers (B, Q) -> scalars
  struct Reading {
    at::Tensor loss, accuracy;
  };
  Reading read(const at::Tensor& embeddings, const at::Tensor& answers) const;

  std::vector<std::pair<std::string, at::Tensor>> parameters() const;

  static constexpr int64_t kNothing = -100;

 private:
  at::Tensor weight_;  // (answers of all questions, D)
  at::Tensor bias_;
};

}  // namespace unclip::train
