#pragma once

#include <functional>

#include "engine/engine.h"
#include "image/png_text.h"
#include "lab/run_folder.h"
#include "lab/scorer.h"

namespace unclip::lab {

/// A sampling run to compare.
struct Pair {
  std::string walk;  // the sampler, as text for read_walk()
  int64_t steps = 0;

  bool operator==(const Pair&) const = default;
};

/// A comparison of sampling runs of one stage from the same noise.
struct ComparisonOptions {
  std::string stage = "decoder";  // StageSpec::name
  std::vector<Pair> pairs;
  std::vector<std::string> prompts;
  GenerateOptions generate;  // images per prompt, first seed, batch, the other stages
  /// The sampler and the number of steps whose result is taken as exact.
  std::string reference = "ddim";
  int64_t reference_steps = 1000;
  /// The texts to store in an image's file.
  std::function<std::vector<PngText>(const GeneratedImage&, const GenerateOptions&)> describe;
};

/// An image of a comparison.
struct Compared {
  std::string walk;
  int64_t steps = 0;
  int64_t evaluations = 0;  // of the stage's network
  int64_t index = 0;        // among the run's images, prompt by prompt
  std::string prompt;
  uint64_t seed = 0;
  Score score;
  /// The PSNR in dB between this image and the reference's from the same noise. It is that of the
  /// large images if a stage after the decoder's first is compared, otherwise of the small ones.
  double psnr = 0;
  double seconds = 0;   // of the stage
  std::string picture;  // name of its file in the folder; empty: it has none
};

/// Makes all images of the comparison, pair by pair. With a folder, which must have been made with
/// `comparison_settings` and `comparison_columns`, images that it has already are not made again,
/// and new ones are added to it. The result then has all complete pairs of the folder, those with
/// the same sampler together.
std::vector<Compared> compare(Engine& engine, Scorer& scorer, const ComparisonOptions& options,
                              RunFolder* folder = nullptr);

/// The largest number of steps for which `walk` evaluates the stage's network at most `evaluations`
/// times. Throws Error if a single step evaluates it more often, or if such a run is not possible.
int64_t steps_within(int64_t evaluations, const std::string& walk, const std::string& stage,
                     const SchedulerSpec& scheduler);

/// Everything that the results depend on, and in "pairs" the sampling runs to compare; a later run
/// may add to that list.
nlohmann::ordered_json comparison_settings(const ComparisonOptions& options, const ModelDir& model);
const RunFolder::Record& comparison_columns();
/// The settings to which a later run in the same folder may add.
const std::vector<std::string>& comparison_growing();

/// The options of all stages if the compared one samples with `walk` in `steps` steps.
GenerateOptions with_walk(const ComparisonOptions& options, const std::string& walk, int64_t steps);

}  // namespace unclip::lab
