#pragma once

#include <iosfwd>

#include "cli/arguments.h"
#include "cli/progress_bar.h"
#include "engine/engine.h"

namespace unclip::cli {

/// The flags of verbs that sample: `prior_flags` for the way from prompts to image embeddings,
/// `decoder_flags` from there to images, `sampling_flags` for either.
Flags prior_flags();
/// `guidance` gives the default of the decoder's guidance that the help shows.
Flags decoder_flags();
Flags decoder_flags(const std::function<std::string(const ModelDefaults&)>& guidance);
Flags sampling_flags();
/// --width and --height of verbs that make images.
Flags size_flags();
/// --preset and --negative-prompt, which are among `sampling_flags`.
Flags recipe_flags();
Flag batch_size_flag();
/// --part and --low-memory of verbs that load weights; `encoding_flags` has --batch-size too, for
/// verbs that encode images.
Flags weights_flags();
Flags encoding_flags();
Flags joined(std::initializer_list<Flags> tables);

constexpr int64_t kMostImages = 1'000'000;
constexpr int64_t kMostSide = 1 << 14;  // of an image, in pixels

/// The options that the flags above set, of those in the verb's table, for a run of `images`
/// images. Without --seed the seed is random.
GenerateOptions sampling_options(const Arguments& arguments, int64_t images);
/// The options that the flags of model and machine set. Also sets the number of threads.
PipelineOptions pipeline_options(const Arguments& arguments);

/// Throws UsageError if the decoder's sampler or --preset is given with the flag `what`, which
/// starts from an image's own noise: ddim found it, and only ddim leads back to the image.
void expect_no_sampler(const Arguments& arguments, const ModelLayout& layout,
                       const std::string& what);

/// Throws UsageError for what is wrong with this model only: options of a stage that it lacks, more
/// steps than its schedule has timesteps, and guidance flags if none of the stages that run is
/// guided.
void expect_sampling(const ModelDir& model, const GenerateOptions& options, const Needs& walked);
/// The same without guidance.
void expect_walks(const ModelDir& model, const GenerateOptions& options);

/// Throws UsageError for a negative prompt if the model needs an embedding of it, which the verb
/// does not make.
void expect_no_negative(const ModelDir& model, const GenerateOptions& options,
                        const std::string& verb);

/// Prints the size of the images if it is not the one that the options ask for.
void tell_size(const Engine& model, const GenerateOptions& options, std::ostream& err);
/// Prints the words that the model does not know.
void tell_unknown_words(const std::vector<std::string>& prompts, const ModelDefaults& model,
                        std::ostream& err);
/// Prints "seed 7 to 10".
void tell_seed(uint64_t first, int64_t images, std::ostream& err);

/// A listener that shows progress on the bar, and stops the run after a signal.
OnProgress shown_by(ProgressBar& bar, bool quiet);

}  // namespace unclip::cli
