#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "image/png_text.h"
#include "lab/run_folder.h"
#include "lab/scorer.h"
#include "lab/sweep.h"
#include "pipeline/run.h"

namespace unclip::lab {

/// How an image of a sweep is made.
struct SweepCell {
  std::string prompt;
  std::string dtype;         // of `pipeline`, as a user writes it
  GenerateOptions options;   // its seed is the image's
  PipelineOptions pipeline;  // how the model of this cell is held
};

/// Makes the images of all combinations of some options' values, each stage only once for the cells
/// that share it, scores them, and draws the sheet.
class SweepRun {
 public:
  /// What an image's file records.
  using Describe =
      std::function<std::vector<PngText>(const Engine&, const SweepCell&, const GeneratedImage&)>;

  /// `cells`: one for each cell of `grid`, in its order. Loads the first cell's model; throws Error
  /// as Engine::load does.
  SweepRun(const std::filesystem::path& model, SweepGrid grid, std::vector<SweepCell> cells);

  const SweepGrid& grid() const { return grid_; }
  /// The first cell's model.
  const Engine& engine() const { return *engine_; }

  /// What the results depend on, and the columns of sweep.csv: for the RunFolder of a sweep.
  nlohmann::ordered_json settings() const;
  RunFolder::Record columns() const;

  /// Makes the cells that `folder` has not, adds their records, and writes sweep.png. Throws Error
  /// if a file cannot be written, Cancelled if `on_progress` says so.
  void run(RunFolder& folder, const Describe& describe, const OnProgress& on_progress);

  /// Network evaluations of a stage that run() has made and saved.
  StageReuse::Evaluations evaluations(const std::string& stage) const;

 private:
  Engine& engine_of(const SweepCell& cell);
  void count_evaluations();
  RunFolder::Record record_of(int64_t cell, const GeneratedImage& image, const std::string& file);

  std::filesystem::path model_;
  SweepGrid grid_;
  std::vector<SweepCell> cells_;
  Scorer scorer_;
  std::optional<Engine> engine_;
  StageReuse reuse_;   // of engine_
  std::string dtype_;  // of engine_
  std::map<std::string, StageReuse::Evaluations> evaluations_;
};

}  // namespace unclip::lab
