#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/compare.h"
#include "cli/find_model.h"
#include "cli/plotted_report.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "core/error.h"
#include "lab/convergence.h"
#include "lab/schedule_plot.h"

namespace unclip::cli {
namespace {

using lab::ScheduleTable;

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text.append("  ").append(name).append("\n");
  return text;
}

/// The names that every command knows, and each sampler's own options.
std::string catalogue() {
  auto text = "Noise schedules\n" + listed(noise_schedule_names()) + "\nSpacings\n" +
              listed(timestep_spacing_names()) + "\nSamplers, with options of their own\n";
  for (const auto& name : scheduler_names()) {
    text.append("  ").append(name).append("\n");
    for (const auto& [option, otherwise, wanted] : sampler_options(name)) {
      text.append("    ").append(option).append("=").append(otherwise).append("  ");
      text.append(wanted).append("\n");
    }
  }
  return text;
}

std::string catalogue_json() {
  nlohmann::ordered_json json = {{"schedules", noise_schedule_names()},
                                 {"spacings", timestep_spacing_names()}};
  for (const auto& name : scheduler_names()) {
    auto& sampler = json["samplers"][name] = nlohmann::ordered_json::object();
    for (const auto& [option, otherwise, wanted] : sampler_options(name)) {
      sampler[option] = {{"default", otherwise}, {"wanted", wanted}};
    }
  }
  return json.dump() + "\n";
}

lab::TableOptions table_options(const Arguments& arguments) {
  lab::TableOptions options;
  options.schedule_options.num_train_timesteps =
      arguments.integer("train-timesteps", 1, kMostImages);
  options.schedule_options.beta_start = arguments.number_if_given("beta-start").value_or(0.0001);
  options.schedule_options.beta_end = arguments.number_if_given("beta-end").value_or(0.02);
  options.schedule_options.file = arguments.text("file");
  options.steps = arguments.integer_if_given("steps", 1, kMostImages);
  if (arguments.given("timesteps")) {
    options.timesteps = arguments.numbers("timesteps", ",", "timesteps that fall, with commas,");
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

/// The schedulers of the model's stages that are named.
std::map<std::string, Config> stages_among(const std::vector<std::string>& names,
                                           const Arguments& arguments) {
  std::map<std::string, Config> stages;
  for (const auto& name : names) {
    if (name != "prior" && name != "decoder" && name != "super-res") continue;
    const auto model =
        ModelDir::open(find_model(arguments.text("model")), borrowed_parts(arguments));
    const auto part = name == "super-res" ? std::string("super_res") : name;
    stages.emplace(name, model.config(part + "_scheduler"));
  }
  return stages;
}

void show(const std::vector<std::string>& names, const Arguments& arguments,
          const Streams& streams) {
  if (names.empty()) throw UsageError("there is nothing to show; schedule show NAME... is wanted");
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

void order(std::vector<std::string> walks, const Arguments& arguments, const Streams& streams) {
  expect_plotted_report(arguments);
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

/// What schedules and walks are shown by.
Flags show_flags() {
  return {
      {"schedule", 0, "NAME", "cosine", "that samplers walk over", "Show"},
      {"spacing", 0, "NAME", "",
       "of the steps, where a walk has none of its own (default: linspace, and a "
       "stage's own)",
       "Show"},
      {"timesteps", 0, "T,T,...", "", "an explicit list in place of a spacing: 999,850,...",
       "Show"},
      {"train-timesteps", 0, "T", "1000", "that the schedule has", "Show"},
      {"beta-start", 0, "B", "", "of linear, scaled_linear and sigmoid (default: 0.0001)", "Show"},
      {"beta-end", 0, "B", "", "of the same (default: 0.02)", "Show"},
      {"file", 0, "FILE", "",
       "of the schedule file: a CSV with a column beta or alpha_bar, or a JSON with such an "
       "array",
       "Show"},
      {"zero-snr", 0, "", "", "stretch the schedule until nothing of the sample is left", "Show"},
      {"side", 0, "PIXELS", "", "shift the schedule from pictures of 64 pixels to these", "Show"}};
}

/// A flag of another command than `what` would say nothing.
void expect_own_flags(const std::string& what, const Arguments& arguments) {
  const auto refuse = [&](const Flags& flags, const std::string& of) {
    for (const auto& flag : flags) {
      if (!arguments.given(flag.name) || flag.name == "seed" || what == of) continue;
      throw UsageError("schedule " + what + ": --" + flag.name + " is of schedule " + of);
    }
  };
  refuse(show_flags(), "show");
  refuse(compare_flags(), "compare");
}

void schedule(const Arguments& arguments, const Streams& streams) {
  auto words = arguments.words();
  const std::string wanted = "list, show NAME..., order WALK... or compare WALK... is wanted";
  if (words.empty()) throw UsageError("schedule: " + wanted);
  const auto what = words.front();
  words.erase(words.begin());
  expect_own_flags(what, arguments);
  if (what == "show") return show(words, arguments, streams);
  if (what == "compare") return compare(words, arguments, streams);
  if (what == "order") return order(words, arguments, streams);
  if (what != "list") throw UsageError("schedule " + what + ": " + wanted);
  if (!words.empty()) throw UsageError("schedule list takes no names");
  expect_one_form(arguments);
  if (arguments.on("csv")) throw UsageError("schedule list: there is no CSV of it, but --json");
  deliver(arguments.on("json") ? catalogue_json() : catalogue(), "unclip-schedules.txt", arguments,
          streams);
}

}  // namespace

Verb schedule_verb() {
  return {
      "schedule",
      "list | show NAME... | order [WALK...] | compare WALK...",
      "Tells schedules and samplers, shows their noise, measures orders, compares pictures.",
      with_common_flags(joined(
          {{{"steps", 0, "N", "",
             "steps of a walk (default: 25); of order and compare several, with commas between "
             "(defaults: 10,20,40,80,160 and 25)",
             "Show"}},
           show_flags(),
           {{"csv", 0, "", "",
             "print CSV: name, step, timestep, alpha_bar, beta, sigma, snr, logsnr; of order and "
             "compare the table",
             "Output"},
            {"plot", 0, "FILE", "",
             "plot with gnuplot, as .svg or .png: alpha_bar and logsnr, of order errors over "
             "steps, of compare the quality over evaluations",
             "Output"},
            output_flag("a FILE, or a DIR (default: standard output)"),
            {"model", 'm', "DIR", "",
             "of compare, and of show prior, decoder or super-res, its own walks (default: "
             "$UNCLIP_MODEL, else the shipped one)",
             "Model"}},
           compare_flags()})),
      "  unclip schedule list\n"
      "  unclip schedule show cosine linear --steps 10\n"
      "  unclip schedule show unclip dpmpp_2m:spacing=karras --steps 10 --csv -o walk.csv\n"
      "  unclip schedule show cosine sigmoid laplace --plot schedules.svg\n"
      "  unclip schedule show prior decoder super-res --steps 5\n"
      "  unclip schedule order ddim heun unipc:order=3 --steps 20,40,80 --plot orders.svg\n"
      "  unclip schedule compare unclip ddim dpmpp_2m --steps 5,10 --prompts prompts.txt -n 2 \\\n"
      "      --reference-steps 100 --out comparison\n",
      schedule};
}

}  // namespace unclip::cli
