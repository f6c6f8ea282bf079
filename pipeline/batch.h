#pragma once

#include <chrono>
#include <optional>

#include "clip/text_encoder.h"
#include "pipeline/stages.h"
#include "pipeline/text_to_image.h"

namespace unclip {

/// What is known of a picture, or of an image embedding, before it is made.
struct Row {
  std::string prompt;
  uint64_t seed = 0;
  int64_t draws = 0;                          // of D numbers, that the seed's generator has given
  at::Tensor image_embedding = at::Tensor();  // (D), where it is there already
  at::Tensor x_T = at::Tensor();              // (C, h, w) of the decoder; undefined: drawn
};

/// One row for each of options.count pictures of each prompt, with the seeds that follow each
/// other.
std::vector<Row> rows_of(const std::vector<std::string>& prompts, const GenerateOptions& options);

/// B rows that go through the stages together, and what each stage made of them.
class Batch {
 public:
  Batch(std::vector<Row> rows, int64_t first, int64_t total, const GenerateOptions& options);

  const std::vector<Row>& rows() const { return rows_; }
  std::vector<std::string> prompts() const;
  /// From the rows' seeds, behind the draws that they have given.
  NoiseSource noise() const;
  /// Of rows that have theirs. -> (B, D)
  at::Tensor image_embeddings() const;
  /// Where all rows' walks of the decoder begin, (B, C, h, w); undefined where they draw it.
  at::Tensor starts() const;

  /// Tells of a step, and throws Cancelled where the listener says so.
  void tell(Stage stage, int64_t step, int64_t steps) const;
  /// Options of a stage, with steps that tell. They refer to this batch.
  StageOptions stage(Stage stage, const WalkOptions& walk, const Guidance& guidance = {}) const;
  /// The finished pictures: to options.on_image, else to `results`.
  void give(std::vector<GeneratedImage>& results) const;

  TokenizedTexts texts;
  TextCondition text;
  at::Tensor z, small, large;

 private:
  GeneratedImage image(int64_t i) const;
  std::vector<uint64_t> seeds() const;
  Progress progress(Stage stage, int64_t step, int64_t steps) const;

  std::vector<Row> rows_;
  Progress progress_;
  const GenerateOptions& options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The rows in groups of options.batch_size, one after the other: a batch's clock starts when it is
/// taken. `options` must outlive them.
class Batches {
 public:
  Batches(std::vector<Row> rows, const GenerateOptions& options);
  /// The next one; nothing after the last.
  std::optional<Batch> next();

 private:
  std::vector<Row> rows_;
  const GenerateOptions& options_;
  int64_t first_ = 0;
};

}  // namespace unclip
