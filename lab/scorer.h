#pragma once

#include <optional>

#include "engine/engine.h"

namespace unclip::lab {

/// How well an image fits its prompt.
struct Score {
  /// Whether the image shows what its prompt asks for, according to the judge that the model's
  /// unclip.json names. Nothing if it names none, or if the judge does not understand the prompt.
  std::optional<bool> faithful;
  /// The cosine between the CLIP embeddings of image and prompt; nothing for models without an
  /// image encoder.
  std::optional<double> clip;
};

class Scorer {
 public:
  /// For images of the model in `dir`, which was loaded with `options`.
  Scorer(const std::filesystem::path& dir, const PipelineOptions& options);
  Score score(const GeneratedImage& image);

 private:
  bool judged_;
  std::optional<Engine> clip_;
};

}  // namespace unclip::lab
