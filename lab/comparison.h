#pragma once

#include <functional>

#include "engine/engine.h"
#include "image/png_text.h"
#include "lab/run_folder.h"
#include "lab/scorer.h"

namespace unclip::lab {

/// A sampling run that is compared.
struct Pair {
  std::string walk;  // as read_walk() takes it
  int64_t steps = 0;

  bool operator==(const Pair&) const = default;
};

/// Sampling runs of one stage from the same noise.
struct ComparisonOptions {
  std::string stage = "decoder";  // StageSpec::name
  std::vector<Pair> pairs;
  std::vector<std::string> prompts;
  GenerateOptions generate;  // pictures of each prompt, first seed, batch, the other stages
  /// What is taken for where all walks lead to.
  std::string reference = "ddim";
  int64_t reference_steps = 1000;
  /// What a picture's file tells of it.
  std::function<std::vector<PngText>(const GeneratedImage&, const GenerateOptions&)> describe;
};

/// A picture of a comparison.
struct Compared {
  std::string walk;
  int64_t steps = 0;
  int64_t evaluations = 0;  // of the stage's network
  int64_t index = 0;        // of the run's pictures, prompt by prompt
  std::string prompt;
  uint64_t seed = 0;
  Score score;
  /// Compared with the reference's of the same noise: the large image if a stage after the
  /// decoder's first is compared, else the small one.
  double psnr = 0;
  double seconds = 0;   // of the stage
  std::string picture;  // its file in the folder; empty: it has none
};

/// All images of the comparison, pair by pair. With a folder, which `comparison_settings`,
/// `comparison_columns` and `comparison_growing` made, what is done already is taken from there,
/// and the rest is put there; the result then has all pairs of the folder that are complete, those
/// of a walk together.
std::vector<Compared> compare(Engine& engine, Scorer& scorer, const ComparisonOptions& options,
                              RunFolder* folder = nullptr);

/// The largest number of steps in which `walk` evaluates the stage's network `evaluations` times at
/// most. Throws Error if one step evaluates it more often, or the walk cannot be.
int64_t steps_within(int64_t evaluations, const std::string& walk, const std::string& stage,
                     const SchedulerSpec& scheduler);

/// All that the results depend on, and in "pairs", to which a later run may add, what is compared.
nlohmann::ordered_json comparison_settings(const ComparisonOptions& options, const ModelDir& model);
const RunFolder::Record& comparison_columns();
/// The settings to which a later run in the same folder may add.
const std::vector<std::string>& comparison_growing();

/// The options of every stage for a walk of the compared one.
GenerateOptions with_walk(const ComparisonOptions& options, const std::string& walk, int64_t steps);

}  // namespace unclip::lab
