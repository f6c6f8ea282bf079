#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "nn/noise_source.h"
#include "pipeline/batch.h"

namespace unclip::lab {

/// How often the networks were asked about pictures, and how often they did not need to be.
struct Evaluations {
  int64_t made = 0, saved = 0;
};

/// TextToImage for pictures that are alike in much: a stage is walked again only where it, or one
/// before it, is asked for otherwise than the last time. What it paints is TextToImage::generate's,
/// bit for bit.
class StagedPainter {
 public:
  /// Throws Error as TextToImage::load does.
  StagedPainter(const std::filesystem::path& dir, const PipelineOptions& options);
  ~StagedPainter();

  const ModelDir& model() const;

  /// Where a batch stands in a run.
  struct Place {
    int64_t first = 0, total = 1;  // its first picture, and how many there are
  };
  /// Pictures of the rows' prompts and seeds, together. options.seed and options.count are not
  /// read, and options.on_watch is told of what is walked alone.
  std::vector<GeneratedImage> paint(const std::vector<Row>& rows, const GenerateOptions& options,
                                    const Place& place);

  /// Evaluations of the network that a picture takes in a stage of so many steps.
  int64_t evaluations(Stage stage, const WalkOptions& walk) const;
  /// Of a stage, in all that was painted.
  const Evaluations& evaluations(Stage stage) const;
  /// How long the last walk of a stage took, over all of its batch; its first one loads the
  /// network.
  double seconds(Stage stage) const;

 private:
  /// What a stage made the last time, and of what.
  struct Memo {
    std::string key;  // all that it depends on
    at::Tensor result;
    NoiseSource noise{{}};  // behind it
    double seconds = 0;
    Evaluations evaluations;
  };

  /// Walks the stage unless the last time was as `key` says. `noise` is moved on as by the walk.
  template <class Walk>
  at::Tensor walked(Stage stage, const std::string& key, int64_t evaluations, NoiseSource& noise,
                    const Walk& walk);
  Memo& memo(Stage stage) { return memos_[static_cast<size_t>(stage)]; }

  std::unique_ptr<Stages> stages_;
  std::string text_key_;
  TokenizedTexts texts_;
  TextCondition text_;
  std::array<Memo, 5> memos_;  // by Stage
};

}  // namespace unclip::lab
