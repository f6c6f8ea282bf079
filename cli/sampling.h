#pragma once

#include <iosfwd>

#include "cli/arguments.h"
#include "cli/progress_bar.h"
#include "pipeline/model_configs.h"
#include "pipeline/text_to_image.h"

namespace unclip::cli {

/// What a verb that samples is asked for, in rows of flags: `prior_flags` from the prompt to image
/// embeddings, `decoder_flags` from there to pictures, `sampling_flags` for either.
Flags prior_flags();
Flags decoder_flags();
Flags sampling_flags();
/// Of the last, for verbs whose runs paint a picture more than once: those that say how it is
/// painted, and --batch-size.
Flags recipe_flags();
Flag batch_size_flag();
/// --part and --low-memory, of every verb that loads weights; with --batch-size for those that
/// encode pictures.
Flags weights_flags();
Flags encoding_flags();
Flags joined(std::initializer_list<Flags> tables);

constexpr int64_t kMostImages = 1'000'000;

/// What the flags above say, of those that stand in the verb's table. `images` are made in all.
/// The seed is --seed's, else a random one.
GenerateOptions sampling_options(const Arguments& arguments, int64_t images);
/// The flags of the model and the machine. Sets the number of threads.
PipelineOptions pipeline_options(const Arguments& arguments);

/// Throws UsageError where --decoder-scheduler or --preset stands beside `what`, which begins the
/// walk at a picture's own noise: that was found by ddim, and only ddim leads back.
void expect_no_sampler(const Arguments& arguments, const std::string& what);

/// What only the model can tell to be wrong usage: more steps than its schedule has timesteps, and
/// flags that say how to guide where none of the stages that walk is guided.
void expect_sampling(const ModelDir& model, const GenerateOptions& options, const Needs& walked);
/// The steps and walks alone.
void expect_walks(const ModelDir& model, const GenerateOptions& options);

/// Tells of words that the model does not know, on `err`.
void tell_unknown_words(const std::vector<std::string>& prompts, const ModelDefaults& model,
                        std::ostream& err);
/// "seed 7 to 10"
void tell_seed(uint64_t first, int64_t images, std::ostream& err);

/// A listener that shows progress on the bar, and stops the run after Ctrl-C.
OnProgress shown_by(ProgressBar& bar, bool quiet);

}  // namespace unclip::cli
