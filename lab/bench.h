#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "pipeline/options.h"
#include "weights/model_layout.h"

namespace unclip::lab {

struct BenchOptions {
  std::string prompt = "a red ball";
  /// The stages to run, in this order, by their names in bench_stages(); empty: all.
  std::vector<std::string> stages;
  int64_t steps = 5;  // timed in each stage, after its first step
  int64_t batch = 1;  // images at a time
  OnProgress on_progress;
};

/// The measurements of a stage, for a whole batch.
struct StageBench {
  std::string stage;
  double load_seconds = 0;
  double first_seconds = 0;   // its first step and what precedes it, in which pages are read
  std::vector<double> steps;  // seconds of each step after that
  int64_t evaluations = 1;    // of the network per image, with the model's own number of steps
  double operations = 0;      // floating-point operations of a step
  /// The most resident memory while the stage ran, including mapped files; for a device with an
  /// accelerator, the device's memory.
  int64_t peak_bytes = 0;
  /// If the device refused to record evaluations, why; their steps take longer.
  std::set<std::string> refusals;

  double median_seconds() const;
  /// The difference between the third and the first quartile of the steps.
  double spread_seconds() const;
  /// The time of all evaluations of an image.
  double picture_seconds() const;
};

struct Bench {
  std::string model, device, dtype;
  int threads = 0;
  int64_t batch = 1;
  double peak_operations = 0;  // per second: peak_rate()
  std::vector<StageBench> stages;
};

/// Runs each stage by itself, with noise in place of the results of the stages before it. It
/// samples as the model does except for the number of steps. Throws Error if Engine::load does, and
/// for a stage that the model lacks; throws Cancelled if on_progress asks for it.
Bench bench(const std::filesystem::path& dir, const PipelineOptions& pipeline,
            const BenchOptions& options);

/// The names of all stages: "text", then those of the layout.
std::vector<std::string> bench_stages(const ModelLayout& layout);

std::string as_text(const Bench& bench);
std::string as_csv(const Bench& bench);
std::string as_json(const Bench& bench);
/// Reads a file that as_json() wrote. Throws Error that names the file.
Bench read_bench(const std::filesystem::path& path);
/// A text with the ratio old / new of each stage that both have, and for steps the ratio per image.
std::string compared(const Bench& bench, const Bench& earlier, const std::string& name);

}  // namespace unclip::lab
