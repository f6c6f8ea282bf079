#include <algorithm>

#include "base/error.h"
#include "cli/find_model.h"
#include "cli/plotted_report.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "families/registry.h"
#include "lab/convergence.h"
#include "lab/schedule_plot.h"

namespace unclip::cli {
namespace {

using lab::ScheduleTable;

lab::TableOptions table_options(const Arguments& arguments) {
  lab::TableOptions options;
  options.schedule_options.num_train_timesteps =
      arguments.integer("train-timesteps", 1, kMostImages);
  options.schedule_options.beta_start = arguments.number_if_given("beta-start").value_or(0.0001);
  options.schedule_options.beta_end = arguments.number_if_given("beta-end").value_or(0.02);
  options.schedule_options.file = arguments.text("file");
  options.steps = arguments.integer_if_given("steps", 1, kMostImages);
  if (arguments.given("timesteps")) {
    options.timesteps =
        arguments.numbers("timesteps", ",", "falling timesteps with commas between them");
  }
  options.schedule = arguments.text("schedule");
  options.spacing = arguments.text("spacing");
  options.zero_snr = arguments.on("zero-snr");
  options.side = arguments.number_if_given("side").value_or(0);
  for (const auto* flag : {"beta-start", "beta-end"}) {
    const auto beta = arguments.number_if_given(flag).value_or(0.5);
    if (!(beta > 0 && beta < 1)) arguments.refuse(flag, "a number between 0 and 1");
  }
  return options;
}

/// The scheduler configs of the model's stages that `names` has.
std::map<std::string, Config> stages_among(const std::vector<std::string>& names,
                                           const Arguments& arguments) {
  std::map<std::string, Config> stages;
  for (const auto& name : names) {
    const auto all = all_stages();
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const StageSpec& stage) { return stage.name == name; });
    if (!known) continue;
    const auto model =
        open_model_dir(find_model(arguments.text("model")), borrowed_parts(arguments));
    const auto* stage = model.layout().stage(name);
    if (stage == nullptr) {
      throw UsageError("schedule show: expected a stage of " + model.defaults().name +
                       ", which has no " + name);
    }
    stages.emplace(name, model.config(stage->scheduler));
  }
  return stages;
}

void show(const Arguments& arguments, const Streams& streams) {
  const auto& names = arguments.words();
  if (names.empty()) throw UsageError("schedule show: expected NAME..., got nothing");
  expect_plotted_report(arguments);
  auto options = table_options(arguments);
  options.stages = stages_among(names, arguments);
  std::vector<ScheduleTable> tables;
  for (const auto& name : names) tables.push_back(lab::schedule_table(name, options));
  deliver(
      {.csv = [&] { return as_csv(tables); },
       .json = [&] { return as_json(tables); },
       .text = [&] { return as_text(tables); }},
      "unclip-schedule",
      [&](const auto& file, WriteMode mode) { return plot_schedules(tables, file, mode); },
      arguments, streams);
}

void order(const Arguments& arguments, const Streams& streams) {
  expect_plotted_report(arguments);
  auto walks = arguments.words();
  if (walks.empty()) walks = lab::samplers_with_an_order();
  const auto steps = arguments.given("steps") ? arguments.integers("steps", 1, kMostImages)
                                              : std::vector<int64_t>{10, 20, 40, 80, 160};
  const auto all = lab::convergence(walks, steps);
  deliver(
      {.csv = [&] { return as_csv(all); },
       .json = [&] { return as_json(all); },
       .text = [&] { return as_text(all); }},
      "unclip-order",
      [&](const auto& file, WriteMode mode) { return plot_convergence(all, file, mode); },
      arguments, streams);
}

Flags report_flags(const std::string& csv, const std::string& plot) {
  return {{"csv", 0, "", "", "print CSV: " + csv, "Output"},
          {"plot", 0, "FILE", "",
           "plot with gnuplot, as .svg or .png, in place of the tables: " + plot, "Output"},
          output_flag("a file or a folder (default: standard output)")};
}

Flags show_flags() {
  return {
      {"steps", 0, "N", "", "steps of a sampling run (default: 25)", "Show"},
      {"schedule", 0, "NAME", "cosine", "that samplers run over", "Show"},
      {"spacing", 0, "NAME", "",
       "of the steps, for a sampler without one of its own (default: linspace, and a stage's own)",
       "Show"},
      {"timesteps", 0, "T,T,...", "", "a list in place of a spacing: 999,850,...", "Show"},
      {"train-timesteps", 0, "T", "1000", "that the schedule has", "Show"},
      {"beta-start", 0, "B", "", "of linear, scaled_linear and sigmoid (default: 0.0001)", "Show"},
      {"beta-end", 0, "B", "", "of the same (default: 0.02)", "Show"},
      {"file", 0, "FILE", "",
       "of the schedule file: a CSV with a column alphas_cumprod, alpha_bar, sigma or beta, or a "
       "JSON with such an array",
       "Show"},
      {"zero-snr", 0, "", "", "stretch the schedule until nothing of the sample is left", "Show"},
      {"side", 0, "PIXELS", "", "shift the schedule from images of 64 pixels to these", "Show"}};
}

void schedule(const Arguments& arguments, const Streams&) {
  const auto& words = arguments.words();
  throw UsageError(
      "schedule: expected list, show NAME..., order [SAMPLER...] or compare "
      "SAMPLER..., got " +
      (words.empty() ? std::string("nothing") : "'" + words.front() + "'"));
}

}  // namespace

Verb schedule_verb() {
  return {"schedule",
          "list | show | order | compare",
          "List, show, measure and compare schedules and samplers.",
          with_common_flags({}, {"model", "dtype", "device", "threads", "seed", "output",
                                 "overwrite", "json", "quiet"}),
          "  unclip schedule list\n"
          "  unclip schedule show --help\n",
          schedule};
}

Verb schedule_show_verb() {
  return {"schedule show",
          "NAME...",
          "Show the noise of schedules and sampling runs, step by step.",
          with_common_flags(
              joined({show_flags(),
                      report_flags("name, step, timestep, alpha_bar, beta, sigma, snr, logsnr",
                                   "alpha_bar, log snr, sigma and beta, and the run's steps"),
                      {{"model", 'm', "DIR", "",
                        "whose stages are shown (default: $UNCLIP_MODEL, else the shipped one)",
                        "Model"},
                       part_flag()}}),
              {"seed", "dtype", "device", "threads"}),
          "  unclip schedule show cosine linear --steps 10\n"
          "  unclip schedule show unclip dpmpp_2m:spacing=karras --steps 10 --csv -o run.csv\n"
          "  unclip schedule show euler:sigmas=14.6,7.1,2.5,0\n"
          "  unclip schedule show cosine sigmoid laplace --plot schedules.svg\n"
          "  unclip schedule show prior decoder --steps 5\n",
          show};
}

Verb schedule_order_verb() {
  return {"schedule order",
          "[SAMPLER...]",
          "Measure how a sampler's error falls with its steps.",
          with_common_flags(
              joined({{{"steps", 0, "N,N,...", "", "(default: 10,20,40,80,160)", "Order"}},
                      report_flags("walk, world, steps, error, order", "errors over steps")}),
              {"seed", "model", "dtype", "device", "threads"}),
          "  unclip schedule order ddim heun unipc:order=3 --steps 20,40,80 --plot orders.svg\n",
          order};
}

}  // namespace unclip::cli
