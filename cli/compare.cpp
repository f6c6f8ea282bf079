#include "cli/compare.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/plotted_report.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "core/error.h"
#include "image/png.h"
#include "lab/comparison_report.h"
#include "lab/settings.h"

namespace unclip::cli {
namespace {

lab::ComparisonOptions comparison_options(const std::vector<std::string>& walks,
                                          const Arguments& arguments, const Streams& streams) {
  lab::ComparisonOptions options;
  options.stage = arguments.choice<Stage>("stage", {{"prior", Stage::kPrior},
                                                    {"decoder", Stage::kDecoder},
                                                    {"super-res", Stage::kSuperResolution}});
  const auto stage = arguments.text("stage");
  for (const auto* of : {"-scheduler", "-steps"}) {
    if (!arguments.given(stage + of)) continue;
    throw UsageError("--" + stage + of + ": that stage's are compared; see --steps and --stage");
  }
  options.walks = walks;
  for (size_t i = 0; i < walks.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (walks[i] == walks[k]) throw UsageError("schedule compare: '" + walks[i] + "' twice");
    }
  }
  options.steps = arguments.given("steps") ? arguments.integers("steps", 1, kMostImages)
                                           : std::vector<int64_t>{25};
  for (const auto steps : options.steps) {
    if (std::count(options.steps.begin(), options.steps.end(), steps) > 1) {
      arguments.refuse("steps", "each number once");
    }
  }
  const auto prompts = arguments.text("prompts");
  if (prompts.empty()) throw UsageError("schedule compare: --prompts FILE is wanted");
  options.prompts = read_list(prompts, streams.in, "prompt");
  const auto count = arguments.integer("count", 1, kMostImages);
  options.generate =
      sampling_options(arguments, static_cast<int64_t>(options.prompts.size()) * count);
  options.generate.count = count;
  options.reference = arguments.text("reference");
  options.reference_steps = arguments.integer("reference-steps", 1, kMostImages);
  return options;
}

/// Walks that cannot be are told before any is walked.
void expect_walks(const lab::ComparisonOptions& options, const ModelDir& model) {
  const auto expect = [&](const std::string& walk, int64_t steps) {
    try {
      expect_to_sample(parse_walk(walk).sampler);
      make_scheduler(model.config(lab::stage_key(options.stage) + "_scheduler"),
                     lab::walk_of(settings_of(with_walk(options, walk, steps), model.defaults()),
                                  options.stage));
    } catch (const Error& error) {
      throw UsageError("schedule compare: '" + walk + "': " + error.what());
    }
  };
  for (const auto& walk : options.walks) {
    for (const auto steps : options.steps) expect(walk, steps);
  }
  expect(options.reference, options.reference_steps);
  expect_sampling(model, options.generate, {.prior = true, .decoder = true});
}

/// Without gnuplot there is no plot, and all the rest.
void plot_into(const lab::RunFolder& folder, const std::vector<lab::PairSummary>& pairs,
               const Streams& streams) {
  try {
    plot_comparison(pairs, folder / "quality.svg", WriteMode::kOverwrite);
  } catch (const Error& error) {
    streams.err << "unclip: no plot: " << error.what() << "\n";
  }
}

}  // namespace

Flags compare_flags() {
  return joined(
      {{{"stage", 0, "STAGE", "decoder",
         "that walks: prior, decoder or super-res; this and the flags of Sampling are of compare "
         "alone",
         "Comparison"},
        {"prompts", 0, "FILE", "", "a prompt a line; - is standard input", "Comparison"},
        {"count", 'n', "N", "1", "pictures of each prompt", "Comparison"},
        {"out", 0, "DIR", "",
         "keep everything there: command, a CSV of all pictures, the pictures, plot, sheet and "
         "table; a run that was stopped goes on there",
         "Comparison"},
        {"reference", 0, "WALK", "ddim", "what PSNR is measured to", "Comparison"},
        {"reference-steps", 0, "N", "1000", "its steps", "Comparison"},
        {"seed", 's', "S", "0", "of the first picture", "Comparison"}},
       prior_flags(),
       decoder_flags(),
       recipe_flags(),
       weights_flags(),
       {batch_size_flag()}});
}

void compare(const std::vector<std::string>& walks, const Arguments& arguments,
             const Streams& streams) {
  if (walks.empty()) throw UsageError("schedule compare WALK... is wanted");
  expect_plotted_report(arguments);
  auto options = comparison_options(walks, arguments, streams);
  const auto dir = find_model(arguments.text("model"));
  const auto machine = pipeline_options(arguments);
  lab::StagedPainter painter(dir, machine);
  lab::Scorer scorer(dir, machine);
  expect_walks(options, painter.model());
  const auto common = common_recipe(arguments, painter.model(), options.generate);
  options.describe = [&](const GeneratedImage& image, const GenerateOptions& generate) {
    return metadata(recipe_of(common, image, settings_of(generate, painter.model().defaults())));
  };
  std::optional<lab::RunFolder> folder;
  if (arguments.given("out")) {
    auto settings = comparison_settings(options, painter.model());
    settings["dtype"] = dtype_name(chosen_dtype(arguments));
    folder.emplace(arguments.text("out"), "comparison", "unclip schedule " + arguments.command(),
                   settings, lab::comparison_columns());
  }

  if (!arguments.on("quiet")) {
    tell_unknown_words(options.prompts, painter.model().defaults(), streams.err);
  }
  catch_interrupts();
  ProgressBar progress(streams);
  options.generate.on_progress = shown_by(progress, arguments.on("quiet"));
  const auto results = compare(painter, scorer, options, folder ? &*folder : nullptr);
  progress.clear();
  const auto pairs = summaries(results);
  if (folder) {
    write_png(*folder / "sheet.png", comparison_sheet(results, *folder), {}, WriteMode::kOverwrite);
    write_file(*folder / "table.txt", as_text(pairs), WriteMode::kOverwrite);
    plot_into(*folder, pairs, streams);
  }
  deliver(
      {.csv = [&] { return as_csv(pairs); },
       .json = [&] { return as_json(pairs); },
       .text = [&] { return as_text(pairs); }},
      "unclip-comparison",
      [&](const auto& file, WriteMode mode) { return plot_comparison(pairs, file, mode); },
      arguments, streams);
}

}  // namespace unclip::cli
