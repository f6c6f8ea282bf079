#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nn/noise_source.h"
#include "pipeline/options.h"
#include "pipeline/plan.h"
#include "scheduler/scheduler_spec.h"

namespace unclip {

/// What is known of an image, or of an image embedding, before it is made.
struct Row {
  std::string prompt;
  uint64_t seed = 0;
  /// Draws that the seed's generator has given: of D numbers, or of (2, D) if there is a negative
  /// embedding.
  int64_t draws = 0;
  at::Tensor image_embedding = at::Tensor();           // (D), if it is known already
  at::Tensor negative_image_embedding = at::Tensor();  // (D), likewise, of the negative prompt
  at::Tensor x_T = at::Tensor();                       // (C, h, w) of the decoder; undefined: drawn
};

/// One row for each of options.count images of each prompt, with consecutive seeds.
std::vector<Row> rows_of(const std::vector<std::string>& prompts, const GenerateOptions& options);

/// The place of some rows among all rows of a command.
struct RunPlace {
  int64_t first = 0;  // row
  int64_t total = 1;  // rows
};

/// What a stage's sampling loop needs to know.
struct StageRun {
  SchedulerSpec scheduler;
  WalkOptions walk;
  Guidance guidance = {};
  OnStep on_step = {};
  OnGuidance on_guidance = {};
};

/// A batch's texts, for the images' records.
struct RunTexts {
  at::Tensor token_ids;           // (B, T) int64
  at::Tensor text_embedding;      // (B, D)
  std::vector<std::string> cuts;  // B: words beyond what the model reads; usually empty
};

/// The last result of each stage, and what it was made from, for runs that differ only in a later
/// stage.
class StageReuse {
 public:
  /// Network evaluations, counted per image.
  struct Evaluations {
    int64_t made = 0, saved = 0;
  };

  /// Of a stage, in all runs.
  Evaluations evaluations(const std::string& stage) const;
  /// Seconds that the stage's last sampling took, for its whole batch, loading included.
  double seconds(const std::string& stage) const;

 private:
  friend class Run;
  struct Last {
    std::string key;  // everything that the result depends on
    at::Tensor result;
    NoiseSource noise{{}};  // after the stage
    double seconds = 0;
    Evaluations evaluations;
  };
  std::map<std::string, Last> stages_;
};

/// A batch of rows on its way through a model's stages. A family's two halves call sample() for
/// each stage; progress, watching, reuse, pace and cancelling are handled here.
class Run {
 public:
  using Schedulers = std::map<std::string, SchedulerSpec>;  // by StageSpec::name
  using Sampling = std::function<at::Tensor(const StageRun&)>;

  /// `plan`, `schedulers` and `options` must outlive the run.
  Run(std::vector<Row> rows, const RunPlace& place, const Plan& plan, const Schedulers& schedulers,
      const GenerateOptions& options);

  const std::vector<Row>& rows() const { return rows_; }
  int64_t size() const { return static_cast<int64_t>(rows_.size()); }
  std::vector<std::string> prompts() const;
  /// The text of the unconditional rows.
  std::string negative_prompt() const { return options_.negative_prompt.value_or(""); }
  bool has_negative_prompt() const { return options_.negative_prompt.has_value(); }
  /// Whether all rows have an image embedding already.
  bool has_image_embeddings() const;
  /// (B, D), of rows that have one.
  at::Tensor image_embeddings() const;
  /// (B, D); undefined unless all rows have one.
  at::Tensor negative_image_embeddings() const;
  /// The size of the images.
  const ImageSize& image_size() const { return plan_.size; }
  /// The rows' generators, one after the other through all stages.
  NoiseSource& noise() { return noise_; }
  /// The decoder's x_T (B, C, h, w): the rows' own, else drawn. On the CPU.
  at::Tensor start(at::IntArrayRef row_sizes);

  /// Samples a stage, or returns what `reuse` has of it. `row_sizes` are the sizes of a result's
  /// row. `preview` makes images of the stage's samples, for on_watch.
  at::Tensor sample(const std::string& stage, at::IntArrayRef row_sizes, const Sampling& sampling,
                    const Preview& preview = {});
  /// Samples the stage in the other direction, from its result to its x_T.
  at::Tensor invert(const std::string& stage, const Sampling& sampling);
  /// Reports the step of work that has no schedule, such as "text".
  void report(const std::string& stage, int64_t step, int64_t steps) const;

  /// sample() of these stages returns noise of the result's sizes in [-1, 1]: for measuring the
  /// others, and for leaving out what nobody looks at.
  void skip(std::set<std::string> stages) { skipped_ = std::move(stages); }
  /// What a stage made.
  const at::Tensor& result(const std::string& stage) const { return results_.at(stage); }

  /// The texts of the batch, set by the model in each half that reads texts. Engine::prior requires
  /// the text embeddings.
  RunTexts texts;

  /// Passes the finished images, large (B, 3, H, W) in about [-1, 1], to options.on_image; without
  /// it, adds them to `results`. z and negative (B, D) are what they were made from; `negative` may
  /// be undefined.
  void give(const at::Tensor& z, const at::Tensor& negative, const at::Tensor& large,
            std::vector<GeneratedImage>& results) const;

 private:
  StageRun stage_run(const StagePlan& plan, const Progress& progress, const Preview& preview) const;
  at::Tensor sample_or_reuse(const StagePlan& plan, const Sampling& sampling, const StageRun& run);
  Progress progress(const StagePlan& plan) const;
  void report(Progress progress, int64_t step, int64_t steps) const;
  GeneratedImage image(int64_t i, const at::Tensor& z, const at::Tensor& negative,
                       const at::Tensor& large) const;
  std::vector<uint64_t> seeds() const;
  std::string first_key() const;

  std::vector<Row> rows_;
  RunPlace place_;
  const Plan& plan_;
  const Schedulers& schedulers_;
  const GenerateOptions& options_;
  NoiseSource noise_;
  std::string key_;  // what the result of the last stage depends on
  std::set<std::string> skipped_;
  std::map<std::string, at::Tensor> results_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace unclip
