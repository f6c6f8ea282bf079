#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <sstream>

#include "base/csv.h"
#include "base/error.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "families/registry.h"
#include "image/png.h"
#include "kernels/tensor.h"
#include "lab/run_folder.h"
#include "lab/scorer.h"
#include "lab/settings.h"
#include "lab/sweep.h"
#include "pipeline/plan.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostCells = 100'000;
constexpr int64_t kMostSeeds = 10'000;

/// The options of a picture, as `generate` has them.
const Flags& cell_flags() {
  static const auto flags = with_common_flags(joined(
      {prior_flags(), decoder_flags(), recipe_flags(), weights_flags(), {batch_size_flag()}}));
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
  const std::string wanted =
      "integers separated by commas, or A..B of at most " + std::to_string(kMostSeeds) + " numbers";
  const auto number = [&](const std::string& text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
      arguments.refuse(flag, wanted);
    }
    return value;
  };
  std::vector<std::string> seeds;
  std::istringstream rest(arguments.text(flag) + ",");
  for (std::string part; std::getline(rest, part, ',');) {
    const auto dots = part.find("..");
    const auto first = number(part.substr(0, dots));
    const auto last = dots == part.npos ? first : number(part.substr(dots + 2));
    if (last < first || last - first >= kMostSeeds) arguments.refuse(flag, wanted);
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

/// A sweep's folder and what goes into it.
class Sweep {
 public:
  Sweep(const Arguments& arguments, const Streams& streams)
      : arguments_(arguments),
        streams_(streams),
        grid_(chosen_grid(arguments, streams)),
        dir_(find_model(arguments.text("model"))),
        scorer_(dir_, pipeline_options(arguments_of(0))) {
    if (grid_.cells() > kMostCells) {
      throw UsageError("axes: expected at most " + std::to_string(kMostCells) + " images, got " +
                       std::to_string(grid_.cells()));
    }
    for (int64_t cell = 0; cell < grid_.cells(); ++cell) {
      const auto of_cell = arguments_of(cell);
      chosen_dtype(of_cell);
      cells_.push_back(sampling_options(of_cell, 1));
      expect_walks(engine(0).model(), cells_.back());
    }
    const auto side = common_recipe(arguments_of(0), engine(0), {}).width;
    expect_sheet_size(output() / "sweep.png", grid_.cells(), side, side, grid_.layout());
  }

  void run() {
    lab::RunFolder folder(output(), "sweep", "unclip sweep " + arguments_.command(), settings(),
                          columns());
    std::map<std::string, std::string> done;  // cell -> file
    for (const auto& record : folder.records()) {
      std::error_code error;
      if (fs::exists(folder / record.back(), error)) done.emplace(record.front(), record.back());
    }

    if (!arguments_.on("quiet")) {
      for (const auto& axis : grid_.axes()) {
        if (axis.name != "prompt") continue;
        tell_unknown_words(axis.values, engine(0).model().defaults(), streams_.err);
      }
    }
    catch_interrupts();
    ProgressBar progress(streams_);
    const auto show = shown_by(progress, arguments_.on("quiet"));
    auto common = common_recipe(arguments_of(0), engine(0), {});
    for (int64_t cell = 0; cell < grid_.cells(); ++cell) {
      if (done.contains(std::to_string(cell))) continue;
      auto& options = cells_[static_cast<size_t>(cell)];
      options.on_progress = show;
      auto& by = engine(cell);
      options.reuse = &*reuse_;
      const auto image =
          by.make_images({{.prompt = value_of(cell, "prompt"), .seed = options.seed}}, options,
                         {.first = cell, .total = grid_.cells()})
              .front();
      const auto file = "pictures/" + std::to_string(cell) + ".png";
      common.dtype = dtype_of(cell);
      common.negative_prompt = options.negative_prompt;
      const auto recipe = recipe_of(common, image, by.plan(options));
      write_png(folder / file, image.image, metadata(recipe), WriteMode::kOverwrite);
      folder.add(record_of(cell, image, file));
      done.emplace(std::to_string(cell), file);
    }
    progress.clear();
    std::vector<at::Tensor> pictures;
    for (int64_t cell = 0; cell < grid_.cells(); ++cell) {
      pictures.push_back(read_png(folder / done.at(std::to_string(cell))));
    }
    write_png(folder / "sweep.png", grid_.sheet(pictures), {}, WriteMode::kOverwrite);
    tell(folder);
  }

 private:
  fs::path output() const {
    const auto folder = arguments_.text("output");
    if (is_standard_output(folder)) throw UsageError("--output: expected a folder, got '-'");
    return folder;
  }

  /// Empty: no axis has the name.
  std::string value_of(int64_t cell, const std::string& axis) const {
    const auto values = grid_.values(cell);
    for (size_t k = 0; k < values.size(); ++k) {
      if (grid_.axes()[k].name == axis) return values[k];
    }
    return "";
  }
  std::string dtype_of(int64_t cell) const {
    const auto dtype = value_of(cell, "dtype");
    return dtype.empty() ? dtype_name(chosen_dtype(arguments_)) : dtype;
  }

  /// A cell's command line, as `generate` would have it, but for the prompt.
  Arguments arguments_of(int64_t cell) const {
    const auto values = grid_.values(cell);
    std::vector<std::string> words;
    const auto add = [&](const std::string& flag, const std::string& value) {
      words.insert(words.end(), {"--" + flag, value});
    };
    for (size_t k = 0; k < values.size(); ++k) {
      if (grid_.axes()[k].name != "prompt") add(grid_.axes()[k].name, values[k]);
    }
    for (const auto* flag : {"device", "threads", "part"}) {
      if (!arguments_.given(flag)) continue;
      for (const auto& value : arguments_.texts(flag)) add(flag, value);
    }
    if (arguments_.on("low-memory")) words.push_back("--low-memory");
    return Arguments::parse(cell_flags(), words);
  }

  /// The model with the cell's dtype.
  Engine& engine(int64_t cell) {
    if (engine_ && dtype_ == dtype_of(cell)) return *engine_;
    count_evaluations();
    dtype_ = dtype_of(cell);
    engine_.reset();
    engine_.emplace(Engine::load(dir_, pipeline_options(arguments_of(cell))));
    reuse_.emplace();
    return *engine_;
  }

  /// Adds up what the model with the last dtype has done.
  void count_evaluations() {
    if (!reuse_) return;
    for (const auto& stage : engine_->model().layout().stages) {
      const auto [made, saved] = reuse_->evaluations(stage.name);
      evaluations_[stage.name].made += made;
      evaluations_[stage.name].saved += saved;
    }
    reuse_.reset();
  }

  nlohmann::ordered_json settings() {
    const auto& model = engine(0).model();
    auto json = lab::settings_json({}, model);
    json["dtype"] = arguments_.text("dtype");
    for (const auto& axis : grid_.axes()) {
      json["axes"][axis.name] = axis.values;
      if (axis.name != "preset") continue;
      for (const auto& preset : axis.values) {
        json["presets"][preset] = lab::settings_json({.preset = preset}, model);
      }
    }
    return json;
  }

  std::vector<std::string> columns() const {
    std::vector<std::string> columns = {"cell"};
    for (const auto& axis : grid_.axes()) columns.push_back(axis.name);
    columns.insert(columns.end(), {"faithful", "clip", "seconds", "picture"});
    return columns;
  }

  std::vector<std::string> record_of(int64_t cell, const GeneratedImage& image,
                                     const std::string& file) {
    std::vector<std::string> record = {std::to_string(cell)};
    for (const auto& value : grid_.values(cell)) record.push_back(value);
    const auto score = scorer_.score(image);
    record.push_back(score.faithful ? (*score.faithful ? "yes" : "no") : "");
    record.push_back(score.clip ? csv_number(*score.clip) : "");
    record.push_back(csv_number(image.seconds));
    record.push_back(file);
    return record;
  }

  /// The files, and how often the networks were asked.
  void tell(const lab::RunFolder& folder) {
    count_evaluations();
    nlohmann::ordered_json json = {{"sheet", (folder / "sweep.png").string()},
                                   {"csv", (folder / "sweep.csv").string()}};
    for (const auto& stage : engine(0).model().layout().stages) {
      const auto& [made, saved] = evaluations_[stage.name];
      json["evaluations"][stage.key()] = {{"made", made}, {"saved", saved}};
      if (arguments_.on("quiet")) continue;
      streams_.err << stage.key() << ": " << made << " evaluations, " << saved << " saved\n";
    }
    if (arguments_.on("json")) {
      streams_.out << json.dump() << "\n";
    } else {
      streams_.out << json["sheet"].get<std::string>() << "\n"
                   << json["csv"].get<std::string>() << "\n";
    }
  }

  const Arguments& arguments_;
  const Streams& streams_;
  lab::SweepGrid grid_;
  fs::path dir_;
  lab::Scorer scorer_;
  std::optional<Engine> engine_;
  std::optional<StageReuse> reuse_;  // of engine_
  std::string dtype_;                // of engine_
  std::map<std::string, StageReuse::Evaluations> evaluations_;
  std::vector<GenerateOptions> cells_;
};

void sweep(const Arguments& arguments, const Streams& streams) { Sweep(arguments, streams).run(); }

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
