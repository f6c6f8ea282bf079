#include "lab/bench.h"
#include "base/join.h"

#include <algorithm>
#include <ostream>

#include "cli/deliver.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "families/registry.h"
#include "lab/sweep.h"

namespace unclip::cli {
namespace {

/// Throws UsageError for a stage that the model lacks.
std::vector<std::string> chosen_stages(const Arguments& arguments, const ModelLayout& layout) {
  const auto known = lab::bench_stages(layout);
  if (!arguments.given("stages")) return known;
  const auto stages = lab::axis_values(arguments.text("stages"));
  for (const auto& stage : stages) {
    if (std::find(known.begin(), known.end(), stage) != known.end()) continue;
    arguments.refuse("stages", "some of " + join(known, ","));
  }
  return stages;
}

void bench(const Arguments& arguments, const Streams& streams) {
  if (!arguments.words().empty()) throw UsageError("bench takes no words, but flags");
  expect_deliverable(arguments);
  const auto folder = find_model(arguments.text("model"));
  const auto model = open_model_dir(folder, borrowed_parts(arguments));
  lab::BenchOptions options{.stages = chosen_stages(arguments, model.layout()),
                            .steps = arguments.integer("steps", 1, 10000),
                            .batch = arguments.integer("batch-size", 1, 1024)};
  std::optional<lab::Bench> earlier;
  if (arguments.given("against")) earlier = lab::read_bench(arguments.text("against"));

  const auto pipeline = pipeline_options(arguments);
  catch_interrupts();
  ProgressBar progress(streams);
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  const auto result = lab::bench(folder, pipeline, options);
  progress.clear();
  deliver({.csv = [&] { return as_csv(result); },
           .json = [&] { return as_json(result); },
           .text = [&] { return as_text(result); }},
          "unclip-bench", arguments, streams);
  if (earlier) streams.err << compared(result, *earlier, arguments.text("against")) << std::flush;
}

}  // namespace

Verb bench_verb() {
  return {
      "bench",
      "",
      "Measure the time and memory of a model's stages on this machine.",
      with_common_flags(joined({{{"stages", 0, "S,S,...", "",
                                  "the stages to measure, of text and the model's stages "
                                  "(default: all)",
                                  "Measure"},
                                 {"steps", 0, "N", "5",
                                  "timed steps of each stage, after two untimed ones", "Measure"},
                                 batch_size_flag(),
                                 {"against", 0, "FILE", "",
                                  "also print the ratios to an earlier --json", "Measure"},
                                 {"csv", 0, "", "", "print CSV", "Output"},
                                 output_flag("a file or a folder (default: standard output)")},
                                weights_flags()}),
                        {"seed"}),
      "  unclip bench --threads 2 --json -o before.json\n"
      "  unclip bench --threads 2 --against before.json\n"
      "  unclip bench -m ~/models/karlo --dtype bfloat16 --stages prior,decoder\n",
      bench};
}

}  // namespace unclip::cli
