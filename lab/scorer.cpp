#include "lab/scorer.h"

#include "base/error.h"
#include "engine/best_of.h"
#include "families/registry.h"
#include "judge/look.h"
#include "judge/verdict.h"
#include "kernels/tensor.h"

namespace unclip::lab {
namespace {

std::optional<bool> is_faithful(const GeneratedImage& image) {
  try {
    const auto request = judge::parse_request(image.prompt);
    return judge::compare(judge::look(image.image), request).right();
  } catch (const Error&) {
    return std::nullopt;  // the judge does not understand the prompt
  }
}

}  // namespace

Scorer::Scorer(const std::filesystem::path& dir, const PipelineOptions& options) {
  const auto model = open_model_dir(dir, options.parts);
  judged_ = model.defaults().judge == "toybox";
  if (model.has("image_encoder")) {
    clip_ = Engine::load(dir, {.image_encoder = true}, options);
  }
}

Score Scorer::score(const GeneratedImage& image) {
  Score score;
  if (judged_) score.faithful = is_faithful(image);
  if (clip_) score.clip = clip_similarity(*clip_, image);
  return score;
}

}  // namespace unclip::lab
