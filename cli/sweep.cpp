#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/parse_number.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "families/registry.h"
#include "lab/sweep_run.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostCells = 100'000;
constexpr int64_t kMostSeeds = 10'000;

/// The options of a picture, as `generate` has them.
const Flags& cell_flags() {
  static const auto flags = with_common_flags(joined({prior_flags(),
                                                      decoder_flags(),
                                                      size_flags(),
                                                      recipe_flags(),
                                                      weights_flags(),
                                                      {batch_size_flag()}}));
  return flags;
}

/// The stage that a flag belongs to, as its number among all; their count for another flag.
size_t stage_number(const std::vector<StageSpec>& stages, const std::string& flag) {
  size_t found = stages.size(), length = 0;
  for (size_t i = 0; i < stages.size(); ++i) {
    const auto& name = stages[i].name;
    if (!flag.starts_with(name + "-") || name.size() < length) continue;
    found = i;
    length = name.size();
  }
  return found;
}

/// Options that may be axes: all that say how to sample, in the order of the stages.
std::vector<std::string> axis_flags() {
  std::vector<std::string> names;
  for (const auto& flag : joined({prior_flags(), decoder_flags()})) names.push_back(flag.name);
  const auto stages = all_stages();
  std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return stage_number(stages, a) < stage_number(stages, b);
  });
  names.insert(names.begin(), "preset");
  return names;
}

/// "1..4", "1,5,9" or both
std::vector<std::string> chosen_seeds(const Arguments& arguments) {
  if (arguments.given("seeds") && arguments.given("seed")) {
    throw UsageError("--seed and --seeds exclude each other");
  }
  const std::string flag = arguments.given("seeds") ? "seeds" : "seed";
  const std::string expected =
      "integers separated by commas, or A..B of at most " + std::to_string(kMostSeeds) + " numbers";
  const auto number = [&](const std::string& text) {
    const auto value = parse_number<int64_t>(text);
    if (!value || *value < 0) arguments.refuse(flag, expected);
    return *value;
  };
  std::vector<std::string> seeds;
  std::istringstream rest(arguments.text(flag) + ",");
  for (std::string part; std::getline(rest, part, ',');) {
    const auto dots = part.find("..");
    const auto first = number(part.substr(0, dots));
    const auto last = dots == part.npos ? first : number(part.substr(dots + 2));
    if (last < first || last - first >= kMostSeeds) arguments.refuse(flag, expected);
    for (int64_t k = 0; k <= last - first; ++k) seeds.push_back(std::to_string(first + k));
  }
  return seeds;
}

std::vector<lab::Axis> chosen_axes(const Arguments& arguments, const Streams& streams) {
  std::vector<lab::Axis> axes;
  // Networks are loaded anew for another type: it changes last.
  if (arguments.given("dtype"))
    axes.push_back({"dtype", lab::axis_values(arguments.text("dtype"))});
  axes.push_back({"prompt", read_prompts(arguments, streams.in)});
  // It has commas of its own: several are several options.
  if (arguments.given("negative-prompt")) {
    axes.push_back({"negative-prompt", arguments.texts("negative-prompt")});
  }
  axes.push_back({"seed", chosen_seeds(arguments)});
  for (const auto& name : axis_flags()) {
    if (!arguments.given(name)) continue;
    axes.push_back({name, {}});
    for (const auto& text : arguments.texts(name)) {
      const auto values = lab::axis_values(text);
      axes.back().values.insert(axes.back().values.end(), values.begin(), values.end());
    }
  }
  for (const auto& axis : axes) {
    std::set<std::string> distinct;
    for (const auto& value : axis.values) {
      if (!distinct.insert(value).second) {
        throw UsageError(axis.name + ": expected each value once, got '" + value + "' twice");
      }
    }
  }
  return axes;
}

lab::SweepGrid chosen_grid(const Arguments& arguments, const Streams& streams) {
  auto axes = chosen_axes(arguments, streams);
  try {
    return {std::move(axes), arguments.text("columns")};
  } catch (const Error& error) {
    throw UsageError(std::string("--columns: ") + error.what());
  }
}

/// The value on an axis; empty if there is no such axis.
std::string value_of(const lab::SweepGrid& grid, int64_t cell, const std::string& axis) {
  const auto values = grid.values(cell);
  for (size_t k = 0; k < values.size(); ++k) {
    if (grid.axes()[k].name == axis) return values[k];
  }
  return "";
}

/// A cell's command line, as `generate` would have it, except for the prompt.
Arguments arguments_of(const Arguments& arguments, const lab::SweepGrid& grid, int64_t cell) {
  const auto values = grid.values(cell);
  std::vector<std::string> words;
  const auto add = [&](const std::string& flag, const std::string& value) {
    words.insert(words.end(), {"--" + flag, value});
  };
  for (size_t k = 0; k < values.size(); ++k) {
    if (grid.axes()[k].name != "prompt") add(grid.axes()[k].name, values[k]);
  }
  for (const auto* flag : {"device", "threads", "part", "width", "height"}) {
    if (!arguments.given(flag)) continue;
    for (const auto& value : arguments.texts(flag)) add(flag, value);
  }
  if (arguments.on("low-memory")) words.push_back("--low-memory");
  return Arguments::parse(cell_flags(), words);
}

std::vector<lab::SweepCell> cells_of(const Arguments& arguments, const lab::SweepGrid& grid) {
  if (grid.cells() > kMostCells) {
    throw UsageError("axes: expected at most " + std::to_string(kMostCells) + " images, got " +
                     std::to_string(grid.cells()));
  }
  std::vector<lab::SweepCell> cells;
  std::map<std::string, PipelineOptions> pipelines;  // by dtype
  for (int64_t cell = 0; cell < grid.cells(); ++cell) {
    const auto of_cell = arguments_of(arguments, grid, cell);
    const auto dtype = dtype_name(chosen_dtype(of_cell));
    if (!pipelines.contains(dtype)) pipelines.emplace(dtype, pipeline_options(of_cell));
    cells.push_back({.prompt = value_of(grid, cell, "prompt"),
                     .dtype = dtype,
                     .options = sampling_options(of_cell, 1),
                     .pipeline = pipelines.at(dtype)});
  }
  return cells;
}

fs::path output_folder(const Arguments& arguments) {
  const auto folder = arguments.text("output");
  if (is_standard_output(folder)) throw UsageError("--output: expected a folder, got '-'");
  return folder;
}

/// Prints the files, and how often the networks were evaluated.
void print_results(const lab::SweepRun& run, const lab::RunFolder& folder,
                   const Arguments& arguments, const Streams& streams) {
  nlohmann::ordered_json json = {{"sheet", (folder / "sweep.png").string()},
                                 {"csv", (folder / "sweep.csv").string()}};
  for (const auto& stage : run.engine().model().layout().stages) {
    const auto [made, saved] = run.evaluations(stage.name);
    json["evaluations"][stage.key()] = {{"made", made}, {"saved", saved}};
    if (arguments.on("quiet")) continue;
    streams.err << stage.key() << ": " << made << " evaluations, " << saved << " saved\n";
  }
  if (arguments.on("json")) {
    streams.out << json.dump() << "\n";
  } else {
    streams.out << json["sheet"].get<std::string>() << "\n"
                << json["csv"].get<std::string>() << "\n";
  }
}

void sweep(const Arguments& arguments, const Streams& streams) {
  const auto grid = chosen_grid(arguments, streams);
  const auto output = output_folder(arguments);
  const auto cells = cells_of(arguments, grid);
  lab::SweepRun run(find_model(arguments.text("model")), grid, cells);
  const auto& model = run.engine().model();
  for (const auto& cell : cells) expect_walks(model, cell.options);
  auto common = common_recipe(arguments_of(arguments, grid, 0), run.engine(),
                              cells.empty() ? GenerateOptions() : cells.front().options);
  expect_sheet_size(output / "sweep.png", grid.cells(), common.height, common.width, grid.layout());
  lab::RunFolder folder(output, "sweep", "unclip sweep " + arguments.command(), run.settings(),
                        run.columns());
  if (!arguments.on("quiet")) {
    if (!cells.empty()) tell_size(run.engine(), cells.front().options, streams.err);
    for (const auto& axis : grid.axes()) {
      if (axis.name == "prompt") tell_unknown_words(axis.values, model.defaults(), streams.err);
    }
  }
  catch_interrupts();
  ProgressBar progress(streams);
  const auto describe = [&](const Engine& engine, const lab::SweepCell& cell,
                            const GeneratedImage& image) {
    common.dtype = cell.dtype;
    common.negative_prompt = cell.options.negative_prompt;
    return metadata(recipe_of(common, image, engine.plan(cell.options)));
  };
  run.run(folder, describe, shown_by(progress, arguments.on("quiet")));
  progress.clear();
  print_results(run, folder, arguments, streams);
}

}  // namespace

Verb sweep_verb() {
  return {
      "sweep",
      "PROMPT...",
      "Paint all combinations of options' values in a labelled grid.",
      with_common_flags(
          joined({{{"prompts", 0, "FILE", "",
                    "read prompts from FILE too, one a line; - is standard input", "Axes"},
                   {"seeds", 0, "S,...", "", "seeds, as 1,5,9 or 1..4 (default: --seed)", "Axes"},
                   {"seed", 's', "S", "0", "the seed, if --seeds is not given", "Axes"},
                   {"columns", 0, "AXIS", "",
                    "what the columns are: prompt, seed or an option's name (default: the last "
                    "with several values)",
                    "Axes"},
                   {"output", 'o', "DIR", "unclip-sweep",
                    "folder for sweep.png, sweep.csv, the images and the command; a run that was "
                    "stopped continues there",
                    "Output"},
                   {"json", 0, "", "", "print JSON instead of paths", "Output", false, true},
                   {"dtype", 0, "TYPE,...", "float32", "float32, bfloat16 or float16", "Model"}},
                  prior_flags(),
                  decoder_flags(),
                  size_flags(),
                  recipe_flags(),
                  weights_flags()}),
          {"overwrite"}),
      "  # each sampling option takes several values, and one with several is an axis\n"
      "  unclip sweep \"a red ball\" --prior-guidance 1,2 --decoder-guidance 2,4,8 --seeds 1..2\n"
      "  unclip sweep \"a red ball\" \"a blue cube\" --decoder-steps 5,10 --columns seed \\\n"
      "      --seeds 1,5 --decoder-scheduler unclip,dpmpp_2m:spacing=karras,sigma_max=80 \\\n"
      "      -o samplers\n",
      sweep};
}

}  // namespace unclip::cli
