#include "engine/engine.h"

#include <algorithm>

#include "base/error.h"
#include "base/nearest_name.h"
#include "engine/inversion_walk.h"
#include "families/registry.h"
#include "image/psnr.h"
#include "kernels/tensor.h"
#include "pipeline/preprocess.h"
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
                    .negative_image_embedding = embeddings.negative_image_embedding.defined()
                                                    ? embeddings.negative_image_embedding[i]
                                                    : at::Tensor(),
                    .x_T = x_T.defined() ? x_T[i] : at::Tensor()});
  }
  return rows;
}

/// Calls `work` with each `batch_size` rows and their place among all.
void for_each_batch(const std::vector<Row>& rows, int64_t batch_size, const RunPlace& place,
                    const std::function<void(std::vector<Row>, const RunPlace&)>& work) {
  TORCH_CHECK(batch_size > 0, "batch_size is ", batch_size);
  const auto count = static_cast<int64_t>(rows.size());
  for (int64_t first = 0; first < count; first += batch_size) {
    const auto end = std::min(count, first + batch_size);
    work({rows.begin() + first, rows.begin() + end},
         {.first = place.first + first, .total = place.total});
  }
}

/// Throws c10::Error unless all rows have the same members, as a batch takes them together.
void expect_alike(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    TORCH_CHECK(row.image_embedding.defined() == rows.front().image_embedding.defined(),
                "expected an image embedding in every row, or in none");
    TORCH_CHECK(row.x_T.defined() == rows.front().x_T.defined(),
                "expected an x_T in every row, or in none");
    TORCH_CHECK(
        row.negative_image_embedding.defined() == rows.front().negative_image_embedding.defined(),
        "expected a negative image embedding in every row, or in none");
    TORCH_CHECK(row.draws == 0 || row.image_embedding.defined(),
                "expected draws only with an image embedding");
  }
}

/// Throws Error unless each x_T has the sizes that the images' size asks for.
void expect_starts(const std::vector<Row>& rows, const std::vector<int64_t>& sizes) {
  for (const auto& row : rows) {
    if (!row.x_T.defined() || row.x_T.sizes() == sizes) continue;
    fail("x_T: expected sizes ", at::IntArrayRef(sizes), " for images of this size, got ",
         row.x_T.sizes());
  }
}

RunPlace whole(const std::vector<Row>& rows) {
  return {.first = 0, .total = static_cast<int64_t>(rows.size())};
}

/// The rows (N, D) of float32 that `part` computed. Throws Error if a row has a value that is not
/// finite.
at::Tensor expect_finite(const at::Tensor& rows, const char* part) {
  const auto infinite = rows.isfinite().all(1).logical_not();
  if (infinite.any().item<bool>()) {
    fail(part, ": the embedding in row ", infinite.nonzero()[0].item<int64_t>(),
         " holds values that are not numbers; another dtype may help");
  }
  return rows;
}

/// The middle of an image uint8 (3, H, W), as large as possible -> (3, height, width) in [-1, 1]
at::Tensor at_size(const at::Tensor& image, const ImageSize& size) {
  const auto height = image.size(1), width = image.size(2), shorter = std::min(height, width);
  const auto covering = [&](int64_t target, int64_t side) {  // length of the shorter side
    return (target * shorter + side - 1) / side;
  };
  return preprocess(
      image, {.shortest_edge = std::max(covering(size.height, height), covering(size.width, width)),
              .crop_height = size.height,
              .crop_width = size.width,
              .image_mean = {0.5, 0.5, 0.5},
              .image_std = {0.5, 0.5, 0.5}});
}

/// The images at the decoder's size -> (B, 3, height, width)
at::Tensor small_images(const std::vector<at::Tensor>& images, const RunPlace& place, int64_t count,
                        const ImageSize& size) {
  std::vector<at::Tensor> small;
  for (int64_t i = 0; i < count; ++i) {
    small.push_back(at_size(images[static_cast<size_t>(place.first + i)], size));
  }
  return ops::stack(small);
}

}  // namespace

Engine::Engine(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Engine Engine::load(const std::filesystem::path& dir, const Needs& needs,
                    const PipelineOptions& options) {
  const auto folder = open_model_dir(dir, options.parts);
  return Engine(family_of(folder).open(folder, options, needs));
}

Engine Engine::load(const std::filesystem::path& dir, const PipelineOptions& options) {
  return load(dir, {.prior = true, .decoder = true}, options);
}

const ModelDir& Engine::model() const { return model_->folder(); }
const Needs& Engine::needs() const { return model_->needs(); }
int64_t Engine::width() const { return model_->embedding_width(); }
ImageSizes Engine::image_sizes() const { return model_->image_sizes(); }
const std::string& Engine::scheduler_class() const {
  return model_->schedulers().at(model().layout().decoder_stage().name).class_name;
}
std::vector<int64_t> Engine::noise_sizes(const GenerateOptions& options) const {
  return model_->noise_sizes(model_->resolve_size(options));
}

Plan Engine::plan(const GenerateOptions& options) const {
  auto result = make_plan(options, model().defaults());
  if (needs().decoder) result.size = model_->resolve_size(options);
  return result;
}

void Engine::expect_needs(bool loaded, const char* call, const char* need) const {
  TORCH_CHECK(loaded, call, ": expected an engine that was loaded with Needs::", need);
}

std::vector<std::string> Engine::loaded_parts() const { return model_->memory().loaded_parts(); }

Plan Engine::checked_plan(const GenerateOptions& options) const {
  for (const auto& [name, stage] : options.stages) {
    if (model().layout().stage(name) != nullptr) continue;
    fail(model().defaults().name, ": there is no stage '", name, "'; ",
         name_hint(name, stage_names(model().layout().stages)));
  }
  auto result = plan(options);
  check_plan(result, model_->schedulers());
  return result;
}

ImageSize Engine::decoder_size(const ImageSize& image) const {
  const auto sizes = image_sizes();
  return sizes.multiple > 0 ? image : sizes.decoder;
}

int64_t Engine::evaluations(const StagePlan& stage) const {
  return evaluations_of(model_->schedulers().at(stage.spec.name), stage.walk);
}

std::vector<GeneratedImage> Engine::make_images(std::vector<Row> rows,
                                                const GenerateOptions& options,
                                                const RunPlace& place) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().decoder, "make_images", "decoder");
  expect_alike(rows);
  if (!rows.empty() && !rows.front().image_embedding.defined()) {
    expect_needs(needs().prior, "make_images", "prior");
  }
  const auto plan = checked_plan(options);
  expect_starts(rows, model_->noise_sizes(plan.size));
  std::vector<GeneratedImage> images;
  for_each_batch(rows, options.batch_size, place, [&](std::vector<Row> batch, const RunPlace& at) {
    Run run(std::move(batch), at, plan, model_->schedulers(), options);
    const auto embedding =
        run.has_image_embeddings()
            ? ImageEmbedding{run.image_embeddings(), run.negative_image_embeddings()}
            : model_->prior(run);
    const auto large = model_->decode(embedding, run);
    model_->memory().hold({});
    run.give(embedding.z, embedding.negative, large, images);
  });
  return images;
}

std::vector<GeneratedImage> Engine::generate(const std::vector<std::string>& prompts,
                                             const GenerateOptions& options) {
  const auto rows = unclip::rows_of(prompts, options);
  return make_images(rows, options, whole(rows));
}

std::vector<GeneratedImage> Engine::decode(const Embeddings& embeddings,
                                           const GenerateOptions& options) {
  for (size_t i = 0; i < embeddings.origins.size(); ++i) {
    TORCH_CHECK(embeddings.origins[i].seed, "decode: row ", i, " has no seed");
  }
  const auto rows = rows_of(embeddings);
  return make_images(rows, options, whole(rows));
}

Embeddings Engine::prior(const std::vector<std::string>& prompts, const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().prior, "prior", "prior");
  const auto plan = checked_plan(options);
  auto result = embeddings_of(model());
  std::vector<at::Tensor> images, negatives, texts;
  const auto rows = unclip::rows_of(prompts, options);
  for_each_batch(rows, options.batch_size, whole(rows),
                 [&](std::vector<Row> batch, const RunPlace& at) {
                   Run run(std::move(batch), at, plan, model_->schedulers(), options);
                   const auto embedding = model_->prior(run);
                   images.push_back(embedding.z);
                   if (embedding.negative.defined()) negatives.push_back(embedding.negative);
                   texts.push_back(run.texts.text_embedding);
                   for (const auto& row : run.rows()) {
                     result.origins.push_back(
                         {.prompt = row.prompt, .seed = row.seed, .draws = run.noise().draws()});
                   }
                 });
  model_->memory().hold({});
  const auto finite = [](const std::vector<at::Tensor>& rows) {
    return expect_finite(ops::cat(rows).to(at::kCPU, at::kFloat), "prior");
  };
  result.image_embedding = finite(images);
  if (!negatives.empty()) result.negative_image_embedding = finite(negatives);
  result.text_embedding = expect_finite(ops::cat(texts).to(at::kCPU, at::kFloat), "text_encoder");
  return result;
}

at::Tensor Engine::encode_images(const std::vector<at::Tensor>& images) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().image_encoder, "encode_images", "image_encoder");
  const auto z = model_->encode_images(images).cpu();
  model_->memory().hold({});
  return expect_finite(z, "image_encoder");
}

at::Tensor Engine::encode_texts(const std::vector<std::string>& texts) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().text, "encode_texts", "text");
  const auto z = model_->encode_texts(texts).cpu();
  model_->memory().hold({});
  return expect_finite(z, "text_encoder");
}

StartNoise Engine::invert(const Embeddings& rows, const std::vector<at::Tensor>& images,
                          const InvertOptions& options) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().decoder, "invert", "decoder");
  TORCH_CHECK(rows.rows() == static_cast<int64_t>(images.size()), "invert: ", rows.rows(),
              " rows, ", images.size(), " images");
  const GenerateOptions generate{
      .height = options.height, .width = options.width, .on_progress = options.on_progress};
  auto plan = this->plan(generate);
  auto& stage = plan.stage(model().layout().decoder_stage().name);
  stage.walk = inversion_walk(options.steps, options.iterations);
  stage.guidance = {};
  const auto all = rows_of(rows);
  std::vector<at::Tensor> starts;
  for_each_batch(all, options.batch_size, whole(all),
                 [&](std::vector<Row> batch, const RunPlace& at) {
                   Run run(std::move(batch), at, plan, model_->schedulers(), generate);
                   const auto small = small_images(images, at, run.size(), decoder_size(plan.size));
                   starts.push_back(model_->invert(run.image_embeddings(), small, run).cpu());
                 });
  model_->memory().hold({});
  return {.x_T = ops::cat(starts), .walk = ddim_walk(options.steps)};
}

std::vector<double> Engine::reconstruction_psnr(const Embeddings& rows,
                                                const std::vector<at::Tensor>& images,
                                                const InvertOptions& options) {
  const at::NoGradGuard no_grad;
  expect_needs(needs().decoder, "reconstruction_psnr", "decoder");
  TORCH_CHECK(rows.start.walk, "reconstruction_psnr: the noise has no sampler");
  const auto& decoder = model().layout().decoder_stage().name;
  const auto generate = from_inversion(
      {.height = options.height, .width = options.width, .on_progress = options.on_progress},
      *rows.start.walk, model().layout());
  const auto plan = checked_plan(generate);
  std::set<std::string> others;
  for (const auto& stage : plan.stages) {
    if (stage.spec.name != decoder) others.insert(stage.spec.name);
  }
  const auto all = rows_of(rows);
  std::vector<double> result;
  for_each_batch(all, options.batch_size, whole(all),
                 [&](std::vector<Row> batch, const RunPlace& at) {
                   Run run(std::move(batch), at, plan, model_->schedulers(), generate);
                   run.skip(others);
                   model_->decode({run.image_embeddings(), {}}, run);
                   const auto x = model_->preview(run.result(decoder)).cpu();
                   const auto small = small_images(images, at, run.size(), decoder_size(plan.size));
                   for (int64_t i = 0; i < x.size(0); ++i) {
                     result.push_back(psnr(x[i] / 2, small[i] / 2));
                   }
                 });
  model_->memory().hold({});
  return result;
}

Embeddings embeddings_of(const ModelDir& model) {
  return {.model_name = model.defaults().name,
          .model_hash = model_hash(model),
          .text_encoder_hash = weights_hash(model, "text_encoder"),
          .image_encoder_hash = weights_hash(model, "image_encoder")};
}

GenerateOptions from_inversion(GenerateOptions options, const WalkOptions& walk,
                               const ModelLayout& layout, double guidance) {
  auto& stage = options.stages[layout.decoder_stage().name];
  stage.walk = walk;
  stage.steps = stage.steps.value_or(options.steps.value_or(walk.steps));
  if (!stage.guidance.scale && layout.decoder_stage().guided()) {
    stage.guidance.scale = options.guidance.value_or(guidance);
  }
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
