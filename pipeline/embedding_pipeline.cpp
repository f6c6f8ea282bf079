#include "pipeline/embedding_pipeline.h"

#include "base/error.h"
#include "image/psnr.h"
#include "kernels/tensor.h"
#include "pipeline/batch.h"
#include "pipeline/inversion_walk.h"
#include "weights/model_info.h"

namespace unclip {
namespace {

std::vector<Row> rows_of(const Embeddings& embeddings) {
  TORCH_CHECK(embeddings.image_embedding.defined(), "there are no image embeddings");
  const auto& x_T = embeddings.start.x_T;
  std::vector<Row> rows;
  for (int64_t i = 0; i < embeddings.rows(); ++i) {
    const auto& origin = embeddings.origins[static_cast<size_t>(i)];
    rows.push_back({.prompt = origin.prompt.value_or(""),
                    .seed = origin.seed.value_or(0),
                    .draws = origin.draws,
                    .image_embedding = embeddings.image_embedding[i],
                    .x_T = x_T.defined() ? x_T[i] : at::Tensor()});
  }
  return rows;
}

/// The rows (N, D) of float32 that `part` computed. Throws Error if one is not of finite numbers.
at::Tensor expect_finite(const at::Tensor& rows, const char* part) {
  const auto infinite = rows.isfinite().all(1).logical_not();
  if (infinite.any().item<bool>()) {
    fail(part, ": the embedding in row ", infinite.nonzero()[0].item<int64_t>(),
         " holds values that are not numbers; another dtype may help");
  }
  return rows;
}

/// picture uint8 (3, H, W) -> (3, side, side) in [-1, 1]
at::Tensor at_size(const at::Tensor& picture, int64_t side) {
  return preprocess(picture, {.shortest_edge = side,
                              .crop_height = side,
                              .crop_width = side,
                              .image_mean = {0.5, 0.5, 0.5},
                              .image_std = {0.5, 0.5, 0.5}});
}

}  // namespace

EmbeddingPipeline::EmbeddingPipeline(std::unique_ptr<Stages> stages) : stages_(std::move(stages)) {}
EmbeddingPipeline::~EmbeddingPipeline() = default;
EmbeddingPipeline::EmbeddingPipeline(EmbeddingPipeline&&) noexcept = default;
EmbeddingPipeline& EmbeddingPipeline::operator=(EmbeddingPipeline&&) noexcept = default;

EmbeddingPipeline EmbeddingPipeline::load(const std::filesystem::path& dir, const Needs& needs,
                                          const PipelineOptions& options) {
  return EmbeddingPipeline(std::make_unique<Stages>(dir, options, needs));
}

const ModelDir& EmbeddingPipeline::model() const { return stages_->model(); }

const Needs& EmbeddingPipeline::needs() const { return stages_->needs(); }

Settings EmbeddingPipeline::settings(const GenerateOptions& options) const {
  return settings_of(options, model().defaults());
}

int64_t EmbeddingPipeline::width() const {
  const auto& c = stages_->configs();
  return stages_->needs().text ? c.text_encoder.projection_dim : c.image_encoder.projection_dim;
}

at::Tensor EmbeddingPipeline::encode_pictures(const std::vector<at::Tensor>& pictures) {
  const at::NoGradGuard no_grad;
  return expect_finite(stages_->encode_pictures(pictures).cpu(), "image_encoder");
}

at::Tensor EmbeddingPipeline::encode_texts(const std::vector<std::string>& prompts) {
  const at::NoGradGuard no_grad;
  const auto text = stages_->encode_text(stages_->tokenize(prompts));
  const auto count = static_cast<int64_t>(prompts.size());
  return expect_finite(text.text_embedding.narrow(0, count, count).to(at::kCPU, at::kFloat),
                       "text_encoder");
}

Embeddings EmbeddingPipeline::prior(const std::vector<std::string>& prompts,
                                    const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  check_sampling(model(), s, {.prior = true});
  auto result = embeddings_of(model());
  std::vector<at::Tensor> images, texts;
  Batches batches(rows_of(prompts, options), options);
  while (auto batch = batches.next()) {
    auto noise = batch->noise();
    const auto text =
        stages_->encode_text(stages_->tokenize(batch->prompts(), options.negative_prompt));
    batch->tell(Stage::kText, 1, 1);
    images.push_back(
        stages_->prior(text, noise, batch->stage(Stage::kPrior, s.prior_walk, s.prior_guidance)));
    const auto rows = images.back().size(0);
    texts.push_back(text.text_embedding.narrow(0, rows, rows));
    for (const auto& row : batch->rows()) {
      result.origins.push_back({.prompt = row.prompt, .seed = row.seed, .draws = noise.draws()});
    }
  }
  result.image_embedding = expect_finite(ops::cat(images).to(at::kCPU, at::kFloat), "prior");
  result.text_embedding = expect_finite(ops::cat(texts).to(at::kCPU, at::kFloat), "text_encoder");
  return result;
}

std::vector<GeneratedImage> EmbeddingPipeline::decode(const Embeddings& embeddings,
                                                      const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  check_sampling(model(), s, {.decoder = true});
  for (size_t i = 0; i < embeddings.origins.size(); ++i) {
    TORCH_CHECK(embeddings.origins[i].seed, "decode: row ", i, " has no seed");
  }
  std::vector<GeneratedImage> results;
  Batches batches(rows_of(embeddings), options);
  while (auto batch = batches.next()) {
    auto noise = batch->noise();
    batch->texts = stages_->tokenize(batch->prompts(), options.negative_prompt);
    batch->text = stages_->encode_text(batch->texts);
    batch->tell(Stage::kText, 1, 1);
    batch->z = batch->image_embeddings().to(batch->text.text_embedding.device());
    batch->small =
        stages_->decoder(batch->text, batch->z, batch->starts(), noise,
                         batch->stage(Stage::kDecoder, s.decoder_walk, s.decoder_guidance));
    batch->large = stages_->super_resolution(
        batch->small, noise, batch->stage(Stage::kSuperResolution, s.super_res_walk));
    batch->give(results);
  }
  return results;
}

std::vector<int64_t> EmbeddingPipeline::noise_sizes() const {
  const auto& c = stages_->configs().decoder;
  return {c.in_channels, c.sample_size, c.sample_size};
}

void EmbeddingPipeline::with_pictures(
    const Embeddings& rows, const std::vector<at::Tensor>& pictures, const InvertOptions& options,
    const std::function<void(Batch&, const at::Tensor& small)>& work) {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(rows.rows() == static_cast<int64_t>(pictures.size()), "invert: ", rows.rows(),
              " rows, ", pictures.size(), " pictures");
  const GenerateOptions generate{.batch_size = options.batch_size,
                                 .on_progress = options.on_progress};
  const auto size = stages_->configs().decoder.sample_size;
  size_t next = 0;
  Batches batches(rows_of(rows), generate);
  while (auto batch = batches.next()) {
    std::vector<at::Tensor> small;
    for (size_t i = 0; i < batch->rows().size(); ++i) {
      small.push_back(at_size(pictures[next++], size));
    }
    batch->text = stages_->encode_text(stages_->tokenize(batch->prompts()));
    batch->z = batch->image_embeddings().to(batch->text.text_embedding.device());
    work(*batch, ops::stack(small));
  }
}

StartNoise EmbeddingPipeline::invert(const Embeddings& rows,
                                     const std::vector<at::Tensor>& pictures,
                                     const InvertOptions& options) {
  const auto back = inversion_walk(options.steps, options.iterations);
  std::vector<at::Tensor> starts;
  with_pictures(rows, pictures, options, [&](Batch& batch, const at::Tensor& small) {
    const auto stage = batch.stage(Stage::kInversion, back);
    starts.push_back(stages_->inversion(batch.text, batch.z, small, stage).cpu());
  });
  return {.x_T = ops::cat(starts), .walk = ddim_walk(options.steps)};
}

std::vector<double> EmbeddingPipeline::reconstruction_psnr(const Embeddings& rows,
                                                           const std::vector<at::Tensor>& pictures,
                                                           const InvertOptions& options) {
  TORCH_CHECK(rows.start.walk, "reconstruction_psnr: no walk leads to the pictures");
  std::vector<double> result;
  with_pictures(rows, pictures, options, [&](Batch& batch, const at::Tensor& small) {
    auto noise = batch.noise();
    const auto stage = batch.stage(Stage::kDecoder, *rows.start.walk);
    const auto x = stages_->decoder(batch.text, batch.z, batch.starts(), noise, stage).cpu();
    for (int64_t i = 0; i < x.size(0); ++i) result.push_back(psnr(x[i] / 2, small[i] / 2));
  });
  return result;
}

Embeddings embeddings_of(const ModelDir& model) {
  return {.model_name = model.defaults().name,
          .model_hash = model_hash(model),
          .text_encoder_hash = weights_hash(model, "text_encoder"),
          .image_encoder_hash = weights_hash(model, "image_encoder")};
}

GenerateOptions from_inversion(GenerateOptions options, const WalkOptions& walk, double guidance) {
  options.decoder_walk = walk;
  options.decoder_walk->steps = options.decoder_steps.value_or(walk.steps);
  options.decoder_guidance.scale = options.decoder_guidance.scale.value_or(guidance);
  return options;
}

Embeddings nearest_to_text(const Embeddings& embeddings, int64_t count, int64_t keep) {
  TORCH_CHECK(embeddings.rows() % count == 0 && keep <= count, "nearest_to_text: ", keep, " of ",
              count, " in ", embeddings.rows(), " rows");
  const auto similarity =
      ops::cosine_similarity(embeddings.image_embedding, embeddings.text_embedding);  // (N)
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
