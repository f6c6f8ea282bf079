#include "pipeline/text_to_image.h"

#include "kernels/tensor.h"
#include "pipeline/batch.h"
#include "pipeline/stages.h"

namespace unclip {

TextToImage::TextToImage(std::unique_ptr<Stages> stages) : stages_(std::move(stages)) {}
TextToImage::~TextToImage() = default;
TextToImage::TextToImage(TextToImage&&) noexcept = default;
TextToImage& TextToImage::operator=(TextToImage&&) noexcept = default;

TextToImage TextToImage::load(const std::filesystem::path& dir, const PipelineOptions& options) {
  return TextToImage(
      std::make_unique<Stages>(dir, options, Needs{.text = true, .prior = true, .decoder = true}));
}

const ModelDir& TextToImage::model() const { return stages_->model(); }

Settings TextToImage::settings(const GenerateOptions& options) const {
  return settings_of(options, model().defaults());
}

std::vector<GeneratedImage> TextToImage::generate(const std::vector<std::string>& prompts,
                                                  const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  check_sampling(model(), s, stages_->needs());
  std::vector<GeneratedImage> results;
  Batches batches(rows_of(prompts, options), options);
  while (auto batch = batches.next()) {
    auto noise = batch->noise();
    batch->texts = stages_->tokenize(batch->prompts(), options.negative_prompt);
    batch->text = stages_->encode_text(batch->texts);
    batch->tell(Stage::kText, 1, 1);
    batch->z = stages_->prior(batch->text, noise,
                              batch->stage(Stage::kPrior, s.prior_walk, s.prior_guidance));
    batch->small =
        stages_->decoder(batch->text, batch->z, batch->starts(), noise,
                         batch->stage(Stage::kDecoder, s.decoder_walk, s.decoder_guidance));
    batch->large = stages_->super_resolution(
        batch->small, noise, batch->stage(Stage::kSuperResolution, s.super_res_walk));
    batch->give(results);
  }
  return results;
}

}  // namespace unclip
