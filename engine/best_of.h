#pragma once

#include <functional>

#include "engine/engine.h"

namespace unclip {

/// The cosine of the picture's embedding and its prompt's. `scorer` needs the image encoder of the
/// model that painted it.
double clip_similarity(Engine& scorer, const GeneratedImage& image);

/// Forwards the best of each n consecutive images (by CLIP similarity to the prompt), with its
/// clip_similarity set. `index` counts the forwarded images.
class BestOf {
 public:
  /// `scorer` needs the image encoder of the model that paints.
  BestOf(Engine scorer, int64_t n, std::function<void(GeneratedImage&&)> give);
  void add(GeneratedImage&& image);

 private:
  Engine scorer_;
  int64_t n_;
  std::function<void(GeneratedImage&&)> give_;
  int64_t count_ = 0;  // of all
  GeneratedImage best_;
};

}  // namespace unclip
