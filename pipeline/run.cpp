#include "pipeline/run.h"

#include <algorithm>
#include <sstream>

#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// With its length first, so that no two lists of texts have the same key.
void add_text(std::ostream& key, const std::string& text) { key << text.size() << ":" << text; }

void add_tensor(std::ostream& key, const at::Tensor& x) {
  if (!x.defined()) return;
  const auto bytes = x.to(at::kCPU, at::kFloat).contiguous();
  key.write(static_cast<const char*>(bytes.data_ptr()),
            static_cast<std::streamsize>(bytes.nbytes()));
}

std::string stage_key_after(const std::string& before, const StagePlan& plan) {
  std::ostringstream key;
  add_text(key, before);
  key.precision(17);
  key << walk_text(plan.walk) << " " << plan.walk.steps << " " << plan.guidance.scale << " "
      << plan.guidance.rescale << " " << plan.guidance.sigma_min << " " << plan.guidance.sigma_max;
  return key.str();
}

NoiseSource noise_of(const std::vector<Row>& rows, const std::vector<uint64_t>& seeds) {
  NoiseSource noise(seeds);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].draws == 0) continue;
    std::vector<int64_t> sizes = rows[i].image_embedding.sizes().vec();
    if (rows[i].negative_image_embedding.defined()) sizes.insert(sizes.begin(), 2);
    noise.skip(static_cast<int64_t>(i), rows[i].draws, sizes);
  }
  return noise;
}

std::vector<uint64_t> seeds_of(const std::vector<Row>& rows) {
  std::vector<uint64_t> seeds;
  for (const auto& row : rows) seeds.push_back(row.seed);
  return seeds;
}

}  // namespace

std::vector<Row> rows_of(const std::vector<std::string>& prompts, const GenerateOptions& options) {
  std::vector<Row> rows;
  for (const auto& prompt : prompts) {
    for (int64_t i = 0; i < options.count; ++i) {
      rows.push_back({.prompt = prompt, .seed = options.seed + rows.size()});
    }
  }
  return rows;
}

StageReuse::Evaluations StageReuse::evaluations(const std::string& stage) const {
  const auto it = stages_.find(stage);
  return it == stages_.end() ? Evaluations() : it->second.evaluations;
}

double StageReuse::seconds(const std::string& stage) const {
  const auto it = stages_.find(stage);
  return it == stages_.end() ? 0 : it->second.seconds;
}

Run::Run(std::vector<Row> rows, const RunPlace& place, const Plan& plan,
         const Schedulers& schedulers, const GenerateOptions& options)
    : rows_(std::move(rows)),
      place_(place),
      plan_(plan),
      schedulers_(schedulers),
      options_(options),
      noise_(noise_of(rows_, seeds_of(rows_))) {}

std::vector<uint64_t> Run::seeds() const { return seeds_of(rows_); }

std::vector<std::string> Run::prompts() const {
  std::vector<std::string> result;
  for (const auto& row : rows_) result.push_back(row.prompt);
  return result;
}

bool Run::has_image_embeddings() const {
  return std::all_of(rows_.begin(), rows_.end(),
                     [](const Row& row) { return row.image_embedding.defined(); });
}

at::Tensor Run::image_embeddings() const {
  std::vector<at::Tensor> embeddings;
  for (const auto& row : rows_) embeddings.push_back(row.image_embedding);
  return ops::stack(embeddings);
}

at::Tensor Run::negative_image_embeddings() const {
  std::vector<at::Tensor> embeddings;
  for (const auto& row : rows_) {
    if (!row.negative_image_embedding.defined()) return {};
    embeddings.push_back(row.negative_image_embedding);
  }
  return ops::stack(embeddings);
}

at::Tensor Run::start(at::IntArrayRef row_sizes) {
  std::vector<at::Tensor> starts;
  for (const auto& row : rows_) {
    if (!row.x_T.defined()) return noise_.draw(row_sizes);
    starts.push_back(row.x_T);
  }
  return ops::stack(starts);
}

at::Tensor Run::sample(const std::string& stage, at::IntArrayRef row_sizes,
                       const Sampling& sampling, const Preview& preview) {
  const auto& plan = plan_.stage(stage);
  at::Tensor result;
  if (skipped_.contains(stage)) {
    result = NoiseSource(seeds()).draw(row_sizes).clamp(-1, 1);
  } else {
    const auto run = stage_run(plan, progress(plan), preview);
    result = options_.reuse == nullptr ? sampling(run) : sample_or_reuse(plan, sampling, run);
  }
  results_[stage] = result;
  return result;
}

at::Tensor Run::sample_or_reuse(const StagePlan& plan, const Sampling& sampling,
                                const StageRun& run) {
  key_ = stage_key_after(key_.empty() ? first_key() : key_, plan);
  auto& last = options_.reuse->stages_[plan.spec.name];
  const auto evaluations = size() * evaluations_of(run.scheduler, run.walk);
  if (last.key == key_) {
    last.evaluations.saved += evaluations;
    noise_ = last.noise;
    return last.result;
  }
  last.key.clear();  // if the stage is cancelled, nothing is known
  const auto start = Clock::now();
  last.result = sampling(run);
  last.result.flatten()[0].item<float>();  // waits for a GPU
  last.seconds = seconds_since(start);
  last.evaluations.made += evaluations;
  last.noise = noise_;
  last.key = key_;
  return last.result;
}

at::Tensor Run::invert(const std::string& stage, const Sampling& sampling) {
  const auto& plan = plan_.stage(stage);
  auto reported = progress(plan);
  reported.stage = reported.label = "inversion";
  reported.last_stage = true;
  return sampling(stage_run(plan, reported, {}));
}

StageRun Run::stage_run(const StagePlan& plan, const Progress& progress,
                        const Preview& preview) const {
  StageRun run{
      .scheduler = schedulers_.at(plan.spec.name), .walk = plan.walk, .guidance = plan.guidance};
  if (!options_.on_watch) {
    run.on_step = [this, progress](const Step& step) {
      if (options_.on_step) options_.on_step(step);
      keep_pace(step.next.device());  // what is reported is done, except for the last step
      report(progress, step.number(), step.of());
    };
    return run;
  }
  const auto rms = std::make_shared<at::Tensor>();  // of the evaluation before the step
  run.on_guidance = [rms](const at::Tensor& difference) {
    // Of (B, 2, D), the second embedding is not guided.
    const auto guided = difference.dim() == 3 ? difference.select(1, 0) : difference;
    *rms = guided.flatten(1).square().mean(1).sqrt();
  };
  run.on_step = [this, progress, preview, rms](const Step& step) {
    auto now = progress;
    now.step = step.number();
    now.steps = step.of();
    if (options_.on_step) options_.on_step(step);
    options_.on_watch({.progress = now,
                       .seeds = seeds(),
                       .level = step.scheduler.level(step.i),
                       .x_t = step.x_t,
                       .x_0 = step.x_0(),
                       .guidance_rms = *rms,
                       .preview = preview});
    rms->reset();
    report(progress, step.number(), step.of());
  };
  return run;
}

Progress Run::progress(const StagePlan& plan) const {
  return {.stage = plan.spec.name,
          .label = plan.spec.label,
          .first_image = place_.first,
          .images = size(),
          .total_images = place_.total,
          .last_stage = plan.spec.name == plan_.stages.back().spec.name};
}

void Run::report(Progress progress, int64_t step, int64_t steps) const {
  progress.step = step;
  progress.steps = steps;
  if (options_.on_progress && !options_.on_progress(progress)) throw Cancelled();
}

void Run::report(const std::string& stage, int64_t step, int64_t steps) const {
  report({.stage = stage,
          .label = stage,
          .first_image = place_.first,
          .images = size(),
          .total_images = place_.total},
         step, steps);
}

std::string Run::first_key() const {
  std::ostringstream key;
  add_text(key, options_.negative_prompt.value_or(""));
  key << options_.negative_prompt.has_value() << " ";
  key << plan_.size.height << " " << plan_.size.width << " ";
  for (const auto& row : rows_) {
    add_text(key, row.prompt);
    key << row.seed << " " << row.draws << " ";
    add_tensor(key, row.image_embedding);
    add_tensor(key, row.negative_image_embedding);
    add_tensor(key, row.x_T);
  }
  return key.str();
}

void Run::give(const at::Tensor& z, const at::Tensor& negative, const at::Tensor& large,
               std::vector<GeneratedImage>& results) const {
  for (int64_t i = 0; i < size(); ++i) {
    if (options_.on_image) {
      options_.on_image(image(i, z, negative, large));
    } else {
      results.push_back(image(i, z, negative, large));
    }
  }
}

GeneratedImage Run::image(int64_t i, const at::Tensor& z, const at::Tensor& negative,
                          const at::Tensor& large) const {
  const auto& row = rows_[static_cast<size_t>(i)];
  const auto of_row = [&](const at::Tensor& rows) { return rows.defined() ? rows[i] : rows; };
  return {.prompt = row.prompt,
          .seed = row.seed,
          .draws = row.draws,
          .index = place_.first + i,
          .cut = texts.cuts.empty() ? "" : texts.cuts[static_cast<size_t>(i)],
          .token_ids = of_row(texts.token_ids),
          .text_embedding = of_row(texts.text_embedding),
          .image_embedding = z[i],
          .negative_image_embedding = of_row(negative),
          .x_T = row.x_T,
          .image_small = results_.at(plan_.decoder_stage().spec.name)[i],
          .image = (large[i] / 2 + 0.5).clamp(0, 1).cpu(),
          .seconds = seconds_since(start_) / static_cast<double>(size())};
}

}  // namespace unclip
