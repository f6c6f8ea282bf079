#include "lab/staged_painter.h"

#include <chrono>
#include <sstream>

#include "kernels/tensor.h"
#include "lab/settings.h"

namespace unclip::lab {
namespace {

/// Texts of any kind cannot run into one another.
void add_to_key(std::ostream& key, const std::string& text) { key << text.size() << ":" << text; }

std::string text_key(const std::vector<Row>& rows, const std::string& negative) {
  std::ostringstream key;
  add_to_key(key, negative);
  for (const auto& row : rows) add_to_key(key, row.prompt);
  return key.str();
}

std::string seeds_key(const std::vector<Row>& rows) {
  std::ostringstream key;
  for (const auto& row : rows) key << " " << row.seed;
  return key.str();
}

std::string walk_key(const std::string& before, const WalkOptions& walk, const Guidance& guidance) {
  std::ostringstream key;
  add_to_key(key, before);
  key.precision(17);
  key << walk_text(walk) << " " << walk.steps << " " << guidance.scale << " " << guidance.rescale
      << " " << guidance.sigma_min << " " << guidance.sigma_max;
  return key.str();
}

}  // namespace

StagedPainter::StagedPainter(const std::filesystem::path& dir, const PipelineOptions& options)
    : stages_(std::make_unique<Stages>(dir, options,
                                       Needs{.text = true, .prior = true, .decoder = true})) {}
StagedPainter::~StagedPainter() = default;

const ModelDir& StagedPainter::model() const { return stages_->model(); }

std::vector<GeneratedImage> StagedPainter::paint(const std::vector<Row>& rows,
                                                 const GenerateOptions& options,
                                                 const Place& place) {
  const at::NoGradGuard no_grad;
  for (const auto& row : rows) {
    TORCH_CHECK(row.draws == 0 && !row.image_embedding.defined() && !row.x_T.defined(),
                "paint: a row begins behind the prior");
  }
  const auto s = settings_of(options, model().defaults());
  Batch batch(rows, place.first, place.total, options);
  if (const auto key = text_key(rows, options.negative_prompt); key != text_key_) {
    text_key_.clear();  // where it ends early, nothing is known
    texts_ = stages_->tokenize(batch.prompts(), options.negative_prompt);
    text_ = stages_->encode_text(texts_);
    text_key_ = key;
    batch.tell(Stage::kText, 1, 1);
  }
  batch.texts = texts_;
  batch.text = text_;

  auto noise = batch.noise();
  const auto count = static_cast<int64_t>(rows.size());
  const auto evaluated = [&](Stage stage, const WalkOptions& walk) {
    return count * evaluations(stage, walk);
  };
  auto key = walk_key(text_key_ + seeds_key(rows), s.prior_walk, s.prior_guidance);
  batch.z = walked(Stage::kPrior, key, evaluated(Stage::kPrior, s.prior_walk), noise, [&] {
    return stages_->prior(batch.text, noise,
                          batch.stage(Stage::kPrior, s.prior_walk, s.prior_guidance));
  });
  key = walk_key(key, s.decoder_walk, s.decoder_guidance);
  batch.small =
      walked(Stage::kDecoder, key, evaluated(Stage::kDecoder, s.decoder_walk), noise, [&] {
        return stages_->decoder(batch.text, batch.z, {}, noise,
                                batch.stage(Stage::kDecoder, s.decoder_walk, s.decoder_guidance));
      });
  key = walk_key(key, s.super_res_walk, {});
  batch.large =
      walked(Stage::kSuperResolution, key, evaluated(Stage::kSuperResolution, s.super_res_walk),
             noise, [&] {
               return stages_->super_resolution(
                   batch.small, noise, batch.stage(Stage::kSuperResolution, s.super_res_walk));
             });
  std::vector<GeneratedImage> images;
  batch.give(images);
  return images;
}

template <class Walk>
at::Tensor StagedPainter::walked(Stage stage, const std::string& key, int64_t evaluations,
                                 NoiseSource& noise, const Walk& walk) {
  auto& last = memo(stage);
  if (last.key == key) {
    last.evaluations.saved += evaluations;
    noise = last.noise;
    return last.result;
  }
  last.key.clear();  // where the walk ends early, nothing is known
  const auto start = std::chrono::steady_clock::now();
  last.result = walk();
  last.result.flatten()[0].item<float>();  // a GPU has come to its end then
  last.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  last.evaluations.made += evaluations;
  last.noise = noise;
  last.key = key;
  return last.result;
}

int64_t StagedPainter::evaluations(Stage stage, const WalkOptions& walk) const {
  const auto scheduler = make_scheduler(model().config(stage_key(stage) + "_scheduler"), walk);
  return static_cast<int64_t>(scheduler->timesteps().size());
}

const Evaluations& StagedPainter::evaluations(Stage stage) const {
  return memos_[static_cast<size_t>(stage)].evaluations;
}

double StagedPainter::seconds(Stage stage) const {
  return memos_[static_cast<size_t>(stage)].seconds;
}

}  // namespace unclip::lab
