#pragma once

#include <optional>

#include "pipeline/embedding_pipeline.h"

namespace unclip::lab {

/// What can be said of a picture beside its prompt.
struct Score {
  /// Whether it shows what its prompt asks for, by the toy world's judge; nothing for models
  /// that do not tell which words they know, and for prompts that the judge does not understand.
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
  bool toy_world_;
  std::optional<EmbeddingPipeline> clip_;
};

}  // namespace unclip::lab
