#include "pipeline/batch.h"

#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip {

std::vector<Row> rows_of(const std::vector<std::string>& prompts, const GenerateOptions& options) {
  std::vector<Row> rows;
  for (const auto& prompt : prompts) {
    for (int64_t i = 0; i < options.count; ++i) {
      rows.push_back({.prompt = prompt, .seed = options.seed + rows.size()});
    }
  }
  return rows;
}

namespace {

WalkOptions chosen(const std::optional<WalkOptions>& walk, const std::optional<int64_t>& steps,
                   int64_t otherwise) {
  auto result = walk.value_or(WalkOptions{.steps = 0});
  const auto listed = listed_steps(result);
  if (result.steps == 0) result.steps = listed > 0 ? listed : otherwise;
  if (steps) result.steps = *steps;
  return result;
}

}  // namespace

Guidance GuidanceOptions::filled(double otherwise) const {
  auto guidance = others;
  guidance.scale = scale.value_or(otherwise);
  return guidance;
}

Settings settings_of(const GenerateOptions& options, const ModelDefaults& d) {
  return {
      .prior_walk = chosen(options.prior_walk, options.prior_steps, d.prior_steps),
      .decoder_walk = chosen(options.decoder_walk, options.decoder_steps, d.decoder_steps),
      .super_res_walk = chosen(options.super_res_walk, options.super_res_steps, d.super_res_steps),
      .prior_guidance = options.prior_guidance.filled(d.prior_guidance),
      .decoder_guidance = options.decoder_guidance.filled(d.decoder_guidance)};
}

Batch::Batch(std::vector<Row> rows, int64_t first, int64_t total, const GenerateOptions& options)
    : rows_(std::move(rows)),
      progress_({.first_image = first,
                 .images = static_cast<int64_t>(rows_.size()),
                 .total_images = total}),
      options_(options) {}

std::vector<std::string> Batch::prompts() const {
  std::vector<std::string> result;
  for (const auto& row : rows_) result.push_back(row.prompt);
  return result;
}

std::vector<uint64_t> Batch::seeds() const {
  std::vector<uint64_t> seeds;
  for (const auto& row : rows_) seeds.push_back(row.seed);
  return seeds;
}

NoiseSource Batch::noise() const {
  NoiseSource noise(seeds());
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].draws == 0) continue;
    noise.skip(static_cast<int64_t>(i), rows_[i].draws, rows_[i].image_embedding.sizes());
  }
  return noise;
}

at::Tensor Batch::image_embeddings() const {
  std::vector<at::Tensor> embeddings;
  for (const auto& row : rows_) embeddings.push_back(row.image_embedding);
  return ops::stack(embeddings);
}

at::Tensor Batch::starts() const {
  std::vector<at::Tensor> starts;
  for (const auto& row : rows_) {
    if (!row.x_T.defined()) return {};
    starts.push_back(row.x_T);
  }
  return ops::stack(starts);
}

Progress Batch::progress(Stage stage, int64_t step, int64_t steps) const {
  auto progress = progress_;
  progress.stage = stage;
  progress.step = step;
  progress.steps = steps;
  return progress;
}

void Batch::tell(Stage stage, int64_t step, int64_t steps) const {
  if (options_.on_progress && !options_.on_progress(progress(stage, step, steps))) {
    throw Cancelled();
  }
}

StageOptions Batch::stage(Stage stage, const WalkOptions& walk, const Guidance& guidance) const {
  StageOptions result{.walk = walk, .guidance = guidance};
  if (!options_.on_watch) {
    result.on_step = [this, stage](const Step& step) {
      keep_pace(step.next.device());  // what is told has been done, but for the last step
      tell(stage, step.number(), step.of());
    };
    return result;
  }
  const auto rms = std::make_shared<at::Tensor>();  // of the evaluation before the step
  result.on_guidance = [rms](const at::Tensor& difference) {
    *rms = difference.flatten(1).square().mean(1).sqrt();
  };
  result.on_step = [this, stage, rms](const Step& step) {
    options_.on_watch({.progress = progress(stage, step.number(), step.of()),
                       .seeds = seeds(),
                       .level = step.scheduler.level(step.i),
                       .x_t = step.x_t,
                       .x_0 = step.x_0(),
                       .guidance_rms = *rms});
    rms->reset();
    tell(stage, step.number(), step.of());
  };
  return result;
}

void Batch::give(std::vector<GeneratedImage>& results) const {
  for (int64_t i = 0; i < progress_.images; ++i) {
    if (options_.on_image) {
      options_.on_image(image(i));
    } else {
      results.push_back(image(i));
    }
  }
}

GeneratedImage Batch::image(int64_t i) const {
  const auto& row = rows_[static_cast<size_t>(i)];
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start_;
  const auto conditional = progress_.images + i;  // behind the unconditional rows
  return {.prompt = row.prompt,
          .seed = row.seed,
          .draws = row.draws,
          .index = progress_.first_image + i,
          .cut = texts.cuts[static_cast<size_t>(i)],
          .token_ids = texts.token_ids[conditional],
          .text_embedding = text.text_embedding[conditional],
          .image_embedding = z[i],
          .x_T = row.x_T,
          .image_small = small[i],
          .image = (large[i] / 2 + 0.5).clamp(0, 1).cpu(),
          .seconds = taken.count() / static_cast<double>(progress_.images)};
}

Batches::Batches(std::vector<Row> rows, const GenerateOptions& options)
    : rows_(std::move(rows)), options_(options) {
  TORCH_CHECK(options.batch_size > 0, "batch_size is ", options.batch_size);
}

std::optional<Batch> Batches::next() {
  const auto total = static_cast<int64_t>(rows_.size());
  if (first_ == total) return std::nullopt;
  const auto end = std::min(total, first_ + options_.batch_size);
  Batch batch({rows_.begin() + first_, rows_.begin() + end}, first_, total, options_);
  first_ = end;
  return batch;
}

}  // namespace unclip
