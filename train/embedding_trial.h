#pragma once

#include <functional>
#include <vector>

#include "engine/engine.h"
#include "judge/judge.h"
#include "train/batch.h"
#include "train/measure.h"
#include "train/statistics.h"

namespace unclip::train {

/// Rendered images of the toy world, and images decoded from their embeddings.
class EmbeddingTrial {
 public:
  static constexpr int64_t kSide = 128;  // of the rendered images

  /// `options` must outlive the object.
  explicit EmbeddingTrial(const MeasureOptions& options);

  const MeasureOptions& options() const { return options_; }
  Engine& model() { return model_; }

  /// `options.pictures` examples; `claim` draws the claim of each.
  using DrawClaim = std::function<world::Claim(world::Random&)>;
  std::vector<Example> examples(world::Random& random, const DrawClaim& claim) const;

  /// The examples' images, each uint8 (3, H, W).
  static std::vector<at::Tensor> pictures(const std::vector<Example>& examples);
  /// -> (N, D)
  at::Tensor encode(const std::vector<Example>& examples);

  /// Embeddings of the rows of z (N, D), without prompts, with seeds from options.seed on.
  Embeddings rows(const at::Tensor& z) const;
  /// Decodes the rows, and counts those for which `judge(i, what the image shows)` is true. If
  /// options.sheets is set, also writes "NAME.png" there: each image after the rendered ones that
  /// it was made from, one of each of `sources`; images judged wrong come first.
  Count judged(const std::string& name, const Embeddings& rows, GenerateOptions generate,
               const std::vector<std::vector<Example>>& sources,
               const std::function<bool(size_t, const judge::Sighting&)>& judge);
  OnProgress progress(const std::string& work) const;

 private:
  const MeasureOptions& options_;
  Engine model_;
};

/// The largest distance at which an object counts as in the same place, as a share of the image's
/// side.
constexpr double kSamePlace = 0.1;
/// Whether `now` has the same objects as `before` and no others: each with the same shape and
/// colour (or with `colour` if that is given) and within kSamePlace of its earlier place.
bool same_places(const judge::Sighting& before, const judge::Sighting& now,
                 judge::Colour colour = judge::Colour::kUnknown);

}  // namespace unclip::train
