#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "world/random.h"

namespace unclip::train {

/// Scenes with one caption each, before they are rendered. Caption i describes scene i.
class SceneBatch {
 public:
  virtual ~SceneBatch() = default;

  virtual int64_t size() const = 0;
  virtual std::vector<std::string> captions() const = 0;
  /// -> (B, 3, side, side) in [0, 1]
  virtual at::Tensor render(int64_t side) const = 0;
  /// Whether a caption is true for a scene, which may be the scene of another caption.
  virtual bool is_true(int64_t caption, int64_t scene) const = 0;
  /// The answers for SceneHead, (B, Q) int64; kNoAnswer if a scene has no answer to a question.
  virtual at::Tensor answers() const = 0;
};

/// The answer to a question that does not apply to a scene, such as the kind of a second object.
inline constexpr int64_t kNoAnswer = -100;

/// A world that a model is trained on. It never returns scenes that are held out.
class TrainingWorld {
 public:
  virtual ~TrainingWorld() = default;

  virtual std::string name() const = 0;
  virtual std::unique_ptr<SceneBatch> random_scenes(int64_t count, world::Random& random) const = 0;
  /// Groups of `group` scenes that differ in one thing.
  virtual std::unique_ptr<SceneBatch> contrasting_scenes(int64_t count, int64_t group,
                                                         world::Random& random) const = 0;
  /// The number of possible answers to each question of SceneBatch::answers, (Q).
  virtual std::vector<int64_t> answer_counts() const = 0;
  /// All words that captions can contain, sorted.
  virtual std::vector<std::string> known_words() const = 0;
  /// Words that get a token although no caption has them yet, so that ids need not change if one
  /// does later.
  virtual std::vector<std::string> reserved_words() const = 0;
  /// The number of positions of the text encoder.
  virtual int64_t most_tokens() const = 0;
};

/// The names of all worlds: "toybox", "picturebook".
std::vector<std::string> training_worlds();

/// The world of this name. Throws Error if there is none.
const TrainingWorld& training_world(const std::string& name);

/// The world of a model folder, which its training.json names: {"world": "picturebook"}. If there
/// is no such file, it is the toy world. Throws Error if the file does not name a world.
const TrainingWorld& world_of_model(const std::filesystem::path& model);

}  // namespace unclip::train
