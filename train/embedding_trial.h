#pragma once

#include <functional>
#include <vector>

#include "engine/engine.h"
#include "judge/judge.h"
#include "train/batch.h"
#include "train/measure.h"
#include "train/statistics.h"

namespace unclip::train {

/// True pictures of the toy world, and what is painted of their embeddings.
class EmbeddingTrial {
 public:
  static constexpr int64_t kSide = 128;  // of the true pictures

  /// `options` outlive it.
  explicit EmbeddingTrial(const MeasureOptions& options);

  const MeasureOptions& options() const { return options_; }
  Engine& model() { return model_; }

  /// `options.pictures` examples; `claim` draws what each shows.
  using DrawClaim = std::function<world::Claim(world::Random&)>;
  std::vector<Example> examples(world::Random& random, const DrawClaim& claim) const;

  /// Each uint8 (3, H, W).
  static std::vector<at::Tensor> pictures(const std::vector<Example>& examples);
  /// -> (N, D)
  at::Tensor encode(const std::vector<Example>& examples);

  /// Rows of z (N, D) without a prompt, whose seeds begin at options.seed.
  Embeddings rows(const at::Tensor& z) const;
  /// Decodes the rows, and counts for which of them `judge(i, what the picture shows)` holds. With
  /// options.sheets there comes "NAME.png": each picture behind the true ones it is made of, one of
  /// each of `sources`; those judged wrong first.
  Count judged(const std::string& name, const Embeddings& rows, GenerateOptions generate,
               const std::vector<std::vector<Example>>& sources,
               const std::function<bool(size_t, const judge::Sighting&)>& judge);
  OnProgress progress(const std::string& work) const;

 private:
  const MeasureOptions& options_;
  Engine model_;
};

/// How near is near for a place: a part of the picture's side.
constexpr double kSamePlace = 0.1;
/// Has each object that was seen before one now, of the same shape and colour (of `colour` where
/// that is given), within kSamePlace of where it was, and is nothing else there?
bool same_places(const judge::Sighting& before, const judge::Sighting& now,
                 judge::Colour colour = judge::Colour::kUnknown);

}  // namespace unclip::train
