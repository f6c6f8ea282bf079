#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "train/training_world.h"

namespace unclip::train {

/// Implements SceneBatch and TrainingWorld by functions that all worlds have under the same names.
/// `World` must have the types Claim and Scene, static functions random_claim, variant,
/// random_scene, caption, render, is_true and answers, and the rest of TrainingWorld as static
/// functions.
template <class World>
class SceneBatchOf final : public SceneBatch {
 public:
  using Claim = typename World::Claim;
  using Scene = typename World::Scene;

  void add(const Claim& claim, world::Random& random) {
    auto scene = World::random_scene(claim, random);
    examples_.push_back({claim, std::move(scene), World::caption(claim, random)});
  }

  int64_t size() const override { return static_cast<int64_t>(examples_.size()); }

  std::vector<std::string> captions() const override {
    std::vector<std::string> texts;
    for (const auto& example : examples_) texts.push_back(example.caption);
    return texts;
  }

  at::Tensor render(int64_t side) const override {
    auto images = at::empty({size(), 3, side, side});
    auto* pixels = images.template data_ptr<float>();
    at::parallel_for(0, size(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        World::render(at(i).scene, static_cast<int>(side), pixels + i * 3 * side * side);
      }
    });
    return images;
  }

  bool is_true(int64_t caption, int64_t scene) const override {
    return World::is_true(at(caption).claim, at(scene).scene);
  }

  at::Tensor answers() const override {
    const auto questions = static_cast<int64_t>(World::answer_counts().size());
    auto result = at::empty({size(), questions}, at::kLong);
    auto* row = result.template data_ptr<int64_t>();
    for (const auto& example : examples_) {
      const auto found = World::answers(example.scene);
      row = std::copy(found.begin(), found.end(), row);
    }
    return result;
  }

 private:
  struct Example {
    Claim claim;
    Scene scene;
    std::string caption;
  };
  const Example& at(int64_t i) const { return examples_[static_cast<size_t>(i)]; }

  std::vector<Example> examples_;
};

template <class World>
class TrainingWorldOf final : public TrainingWorld {
 public:
  std::string name() const override { return World::kName; }

  std::unique_ptr<SceneBatch> random_scenes(int64_t count, world::Random& random) const override {
    auto batch = std::make_unique<SceneBatchOf<World>>();
    while (batch->size() < count) batch->add(World::random_claim(random), random);
    return batch;
  }

  std::unique_ptr<SceneBatch> contrasting_scenes(int64_t count, int64_t group,
                                                 world::Random& random) const override {
    auto batch = std::make_unique<SceneBatchOf<World>>();
    while (batch->size() < count) {
      const auto claim = World::random_claim(random);
      batch->add(claim, random);
      for (int64_t i = 1; i < group; ++i) batch->add(World::variant(claim, random), random);
    }
    return batch;
  }

  std::vector<int64_t> answer_counts() const override { return World::answer_counts(); }
  std::vector<std::string> known_words() const override { return World::known_words(); }
  std::vector<std::string> reserved_words() const override { return World::reserved_words(); }
  int64_t most_tokens() const override { return World::kMostTokens; }
};

}  // namespace unclip::train
