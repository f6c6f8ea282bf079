#pragma once

#include <optional>

#include "engine/engine.h"

namespace unclip::lab {

/// How well an image fits its prompt.
struct Score {
  /// Whether it shows what its prompt asks for, by the judge that the model's unclip.json names;
  /// nothing if it names none, and for prompts that the judge does not understand.
  std::optional<bool> faithful;
  /// CLIP's cosine of picture and prompt; nothing for models without an image encoder.
  std::optional<double> clip;
};

class Scorer {
 public:
  /// Of the pictures of the model in `dir`, which was loaded with `options`.
  Scorer(const std::filesystem::path& dir, const PipelineOptions& options);
  Score score(const GeneratedImage& image);

 private:
  bool judged_;
  std::optional<Engine> clip_;
};

}  // namespace unclip::lab
