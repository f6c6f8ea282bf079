#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/join.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/plotted_report.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "families/registry.h"
#include "image/png.h"
#include "kernels/tensor.h"
#include "lab/comparison_report.h"
#include "lab/settings.h"

namespace unclip::cli {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

lab::ComparisonOptions comparison_options(const std::vector<std::string>& walks,
                                          const ModelLayout& layout, const Arguments& arguments,
                                          const Streams& streams) {
  lab::ComparisonOptions options;
  const auto stage =
      arguments.given("stage") ? arguments.text("stage") : layout.decoder_stage().name;
  if (const auto names = stage_names(all_stages()); !contains(names, stage)) {
    arguments.refuse("stage", "one of " + join(names, ", "));
  }
  options.stage = stage;
  for (const auto* of : {"-scheduler", "-steps"}) {
    if (!arguments.given(stage + of)) continue;
    throw UsageError("--" + stage + of + ": that stage's are compared; see --steps and --stage");
  }
  for (size_t i = 0; i < walks.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (walks[i] == walks[k]) throw UsageError("schedule compare: '" + walks[i] + "' twice");
    }
  }
  const auto prompts = arguments.text("prompts");
  if (prompts.empty()) throw UsageError("schedule compare: expected --prompts FILE, got none");
  options.prompts = read_list(prompts, streams.in, "prompt");
  const auto count = arguments.integer("count", 1, kMostImages);
  options.generate =
      sampling_options(arguments, static_cast<int64_t>(options.prompts.size()) * count);
  options.generate.count = count;
  options.reference = arguments.text("reference");
  options.reference_steps = arguments.integer("reference-steps", 1, kMostImages);
  return options;
}

/// --steps or --evaluations, each number once.
std::vector<int64_t> axis(const Arguments& arguments, const std::string& flag) {
  const auto numbers = arguments.integers(flag, 1, kMostImages);
  for (const auto number : numbers) {
    if (std::count(numbers.begin(), numbers.end(), number) > 1) {
      arguments.refuse(flag, "each number once");
    }
  }
  return numbers;
}

/// Each walk in each number of --steps, or in as many steps as each budget of --evaluations allows.
std::vector<lab::Pair> chosen_pairs(const std::vector<std::string>& walks, const std::string& stage,
                                    const Arguments& arguments, const SchedulerSpec& scheduler) {
  std::vector<lab::Pair> pairs;
  const bool budgets = arguments.given("evaluations");
  if (budgets && arguments.given("steps")) {
    throw UsageError("--steps and --evaluations exclude each other");
  }
  const auto numbers = budgets                    ? axis(arguments, "evaluations")
                       : arguments.given("steps") ? axis(arguments, "steps")
                                                  : std::vector<int64_t>{25};
  for (const auto& walk : walks) {
    for (const auto number : numbers) {
      lab::Pair pair{walk, number};
      if (budgets) {
        try {
          pair.steps = lab::steps_within(number, walk, stage, scheduler);
        } catch (const Error& error) {
          throw UsageError("schedule compare: '" + walk + "': " + error.what());
        }
      }
      // Two budgets may allow the same steps.
      if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
    }
  }
  return pairs;
}

/// `steps`, or one less if the stage's schedule does not allow it: with an offset, its first
/// timestep would be above the last.
int64_t most_steps(const lab::ComparisonOptions& options, const SchedulerSpec& scheduler,
                   int64_t steps) {
  auto walk = read_walk(options.reference);
  walk.steps = steps;
  try {
    make_scheduler(scheduler, walk);
    return steps;
  } catch (const Error&) {
    return steps - 1;
  }
}

/// Throws UsageError for a sampler that the stage cannot have, before any image is made.
void expect_walks(const lab::ComparisonOptions& options, const SchedulerSpec& scheduler,
                  const ModelDir& model) {
  const auto expect = [&](const std::string& walk, int64_t steps) {
    try {
      expect_to_sample(read_walk(walk).sampler);
      const auto plan = make_plan(with_walk(options, walk, steps), model.defaults());
      make_scheduler(scheduler, plan.stage(options.stage).walk);
    } catch (const Error& error) {
      throw UsageError("schedule compare: '" + walk + "': " + error.what());
    }
  };
  for (const auto& [walk, steps] : options.pairs) expect(walk, steps);
  expect(options.reference, options.reference_steps);
  expect_sampling(model, options.generate, {.prior = true, .decoder = true});
}

/// The scheduler config of the compared stage. Throws UsageError if the model lacks the stage.
SchedulerSpec compared_scheduler(const ModelDir& model, const std::string& stage) {
  const auto* spec = model.layout().stage(stage);
  if (spec == nullptr) {
    throw UsageError("--stage: expected a stage of " + model.defaults().name + ", which has no " +
                     stage);
  }
  return model.config(spec->scheduler);
}

/// Plots if gnuplot is installed; otherwise warns and continues.
void plot_into(const lab::RunFolder& folder, const std::vector<lab::PairSummary>& pairs,
               const Streams& streams) {
  try {
    plot_comparison(pairs, folder / "quality.svg", WriteMode::kOverwrite);
  } catch (const Error& error) {
    streams.err << "unclip: no plot: " << error.what() << "\n";
  }
}

Flags compare_flags() {
  return joined(
      {{{"steps", 0, "N,...", "25", "steps of each sampler", "Comparison"},
        {"evaluations", 0, "N,...", "",
         "budgets of network evaluations, instead of --steps; each sampler takes as many steps as "
         "a "
         "budget allows",
         "Comparison"},
        {"stage", 0, "STAGE", "",
         "the stage that is compared, " + join(stage_names(all_stages()), ", ") +
             " (default: the decoder)",
         "Comparison"},
        {"prompts", 0, "FILE", "", "prompts, one a line; - is standard input", "Comparison"},
        {"count", 'n', "N", "1", "images of each prompt", "Comparison"},
        {"out", 0, "DIR", "",
         "folder for command, table, plot, sheet, images and their CSV; a run that was stopped "
         "continues there, and samplers and steps can be added",
         "Comparison"},
        {"reference", 0, "SAMPLER", "ddim", "sampler of the image that PSNR compares with",
         "Comparison"},
        {"reference-steps", 0, "N", "1000", "steps of --reference", "Comparison"},
        {"seed", 's', "S", "0", "seed of the first image", "Comparison"},
        {"csv", 0, "", "", "print the table as CSV", "Output"},
        {"plot", 0, "FILE", "",
         "plot quality over evaluations with gnuplot, as .svg or .png, instead of the table",
         "Output"},
        output_flag("a file or a folder (default: standard output)")},
       prior_flags(),
       decoder_flags(),
       size_flags(),
       recipe_flags(),
       weights_flags(),
       {batch_size_flag()}});
}

void compare(const Arguments& arguments, const Streams& streams) {
  const auto& walks = arguments.words();
  if (walks.empty()) throw UsageError("schedule compare: expected SAMPLER..., got nothing");
  expect_plotted_report(arguments);
  const auto dir = find_model(arguments.text("model"));
  const auto folder_of_model = open_model_dir(dir, borrowed_parts(arguments));
  auto options = comparison_options(walks, folder_of_model.layout(), arguments, streams);
  const auto machine = pipeline_options(arguments);
  auto engine = Engine::load(dir, machine);
  lab::Scorer scorer(dir, machine);
  const auto scheduler = compared_scheduler(engine.model(), options.stage);
  if (!arguments.given("reference-steps")) {
    options.reference_steps = most_steps(options, scheduler, options.reference_steps);
  }
  options.pairs = chosen_pairs(walks, options.stage, arguments, scheduler);
  expect_walks(options, scheduler, engine.model());
  const auto common = common_recipe(arguments, engine, options.generate);
  options.describe = [&](const GeneratedImage& image, const GenerateOptions& generate) {
    return metadata(recipe_of(common, image, engine.plan(generate)));
  };
  std::optional<lab::RunFolder> folder;
  if (arguments.given("out")) {
    auto settings = comparison_settings(options, engine.model());
    settings["dtype"] = dtype_name(chosen_dtype(arguments));
    folder.emplace(arguments.text("out"), "comparison",
                   "unclip schedule compare " + arguments.command(), settings,
                   lab::comparison_columns(), lab::comparison_growing());
  }

  if (!arguments.on("quiet")) {
    tell_size(engine, options.generate, streams.err);
    tell_unknown_words(options.prompts, engine.model().defaults(), streams.err);
  }
  catch_interrupts();
  ProgressBar progress(streams);
  options.generate.on_progress = shown_by(progress, arguments.on("quiet"));
  const auto results = compare(engine, scorer, options, folder ? &*folder : nullptr);
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

}  // namespace

Verb schedule_compare_verb() {
  return {
      "schedule compare",
      "SAMPLER...",
      "Compare samplers by images that they make from the same noise.",
      with_common_flags(compare_flags()),
      "  unclip schedule compare unclip ddim dpmpp_2m --steps 5,10 --prompts prompts.txt -n 2 \\\n"
      "      --reference-steps 100 --out comparison\n"
      "  unclip schedule compare ddim heun pndm --evaluations 8,16 --prompts prompts.txt \\\n"
      "      --reference-steps 100\n",
      compare};
}

}  // namespace unclip::cli
