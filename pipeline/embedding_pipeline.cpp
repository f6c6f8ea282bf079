#include "pipeline/embedding_pipeline.h"

#include <ATen/ATen.h>

#include "pipeline/batch.h"
#include "weights/model_info.h"

namespace unclip {

EmbeddingPipeline::EmbeddingPipeline(std::unique_ptr<Stages> stages) : stages_(std::move(stages)) {}
EmbeddingPipeline::~EmbeddingPipeline() = default;
EmbeddingPipeline::EmbeddingPipeline(EmbeddingPipeline&&) noexcept = default;
EmbeddingPipeline& EmbeddingPipeline::operator=(EmbeddingPipeline&&) noexcept = default;

EmbeddingPipeline EmbeddingPipeline::load(const std::filesystem::path& dir, const Needs& needs,
                                          const PipelineOptions& options) {
  return EmbeddingPipeline(std::make_unique<Stages>(dir, options, needs));
}

const ModelDir& EmbeddingPipeline::model() const { return stages_->model(); }

Settings EmbeddingPipeline::settings(const GenerateOptions& options) const {
  return settings_of(options, model().defaults());
}

int64_t EmbeddingPipeline::width() const {
  const auto& c = stages_->configs();
  return stages_->needs().text ? c.text_encoder.projection_dim : c.image_encoder.projection_dim;
}

at::Tensor EmbeddingPipeline::encode_pictures(const std::vector<at::Tensor>& pictures) {
  const at::NoGradGuard no_grad;
  return stages_->encode_pictures(pictures).cpu();
}

at::Tensor EmbeddingPipeline::encode_texts(const std::vector<std::string>& prompts) {
  const at::NoGradGuard no_grad;
  const auto text = stages_->encode_text(stages_->tokenize(prompts));
  const auto count = static_cast<int64_t>(prompts.size());
  return text.text_embedding.narrow(0, count, count).to(at::kCPU, at::kFloat);
}

Embeddings EmbeddingPipeline::prior(const std::vector<std::string>& prompts,
                                    const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  Embeddings result{.model_name = model().defaults().name, .model_hash = model_hash(model())};
  std::vector<at::Tensor> images, texts;
  Batches batches(rows_of(prompts, options), options);
  while (auto batch = batches.next()) {
    auto noise = batch->noise();
    const auto text = stages_->encode_text(stages_->tokenize(batch->prompts()));
    batch->tell(Stage::kText, 1, 1);
    images.push_back(
        stages_->prior(text, noise, batch->stage(Stage::kPrior, s.prior_steps, s.prior_guidance)));
    const auto rows = images.back().size(0);
    texts.push_back(text.text_embedding.narrow(0, rows, rows));
    for (const auto& row : batch->rows()) {
      result.origins.push_back({.prompt = row.prompt, .seed = row.seed, .draws = noise.draws()});
    }
  }
  result.image_embedding = at::cat(images).to(at::kCPU, at::kFloat);
  result.text_embedding = at::cat(texts).to(at::kCPU, at::kFloat);
  return result;
}

std::vector<GeneratedImage> EmbeddingPipeline::decode(const Embeddings& embeddings,
                                                      const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  TORCH_CHECK(embeddings.image_embedding.defined(), "decode: there are no image embeddings");
  std::vector<Row> rows;
  for (int64_t i = 0; i < embeddings.rows(); ++i) {
    const auto& origin = embeddings.origins[static_cast<size_t>(i)];
    TORCH_CHECK(origin.seed, "decode: row ", i, " has no seed");
    rows.push_back({.prompt = origin.prompt.value_or(""),
                    .seed = *origin.seed,
                    .draws = origin.draws,
                    .image_embedding = embeddings.image_embedding[i]});
  }
  std::vector<GeneratedImage> results;
  Batches batches(std::move(rows), options);
  while (auto batch = batches.next()) {
    auto noise = batch->noise();
    batch->texts = stages_->tokenize(batch->prompts());
    batch->text = stages_->encode_text(batch->texts);
    batch->tell(Stage::kText, 1, 1);
    batch->z = batch->image_embeddings().to(batch->text.text_embedding.device());
    batch->small =
        stages_->decoder(batch->text, batch->z, noise,
                         batch->stage(Stage::kDecoder, s.decoder_steps, s.decoder_guidance));
    batch->large = stages_->super_resolution(
        batch->small, noise, batch->stage(Stage::kSuperResolution, s.super_res_steps, 1));
    batch->give(results);
  }
  return results;
}

Embeddings nearest_to_text(const Embeddings& embeddings, int64_t count, int64_t keep) {
  TORCH_CHECK(embeddings.rows() % count == 0 && keep <= count, "nearest_to_text: ", keep, " of ",
              count, " in ", embeddings.rows(), " rows");
  const auto similarity =
      at::cosine_similarity(embeddings.image_embedding, embeddings.text_embedding);  // (N)
  const auto order = similarity.view({-1, count}).argsort(/*dim=*/1, /*descending=*/true);
  std::vector<int64_t> kept;
  for (int64_t group = 0; group < order.size(0); ++group) {
    for (int64_t k = 0; k < keep; ++k) {
      kept.push_back(group * count + order[group][k].item<int64_t>());
    }
  }
  return embeddings.select(kept);
}

}  // namespace unclip
