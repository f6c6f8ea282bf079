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
  /// Names of stages of bench_stages(), in the order in which they run; empty: all.
  std::vector<std::string> stages;
  int64_t steps = 5;  // that are counted, after each stage's first
  int64_t batch = 1;  // pictures at a time
  OnProgress on_progress;
};

/// What a stage took, of a batch.
struct StageBench {
  std::string stage;
  double load_seconds = 0;
  double first_seconds = 0;   // its first step, and what comes before it: pages are read then
  std::vector<double> steps;  // seconds of each step after that
  int64_t evaluations = 1;    // of the network, for a picture by the model's own walk
  double operations = 0;      // floating-point, of a step
  /// Resident while it ran, mapped files counted; of a device with an accelerator, its own memory.
  int64_t peak_bytes = 0;
  /// Why evaluations were not recorded, where the device refused to: their steps take longer.
  std::set<std::string> refusals;

  double median_seconds() const;
  /// Between the first and the third quarter of the steps.
  double spread_seconds() const;
  /// What all of a picture's evaluations come to.
  double picture_seconds() const;
};

struct Bench {
  std::string model, device, dtype;
  int threads = 0;
  int64_t batch = 1;
  double peak_operations = 0;  // a second: peak_rate()
  std::vector<StageBench> stages;
};

/// Runs each stage by itself, on noise in place of what the stages before it would make, sampling
/// as the model does except for the number of steps. Throws Error as Engine::load does, and for a
/// stage that the model lacks; Cancelled if on_progress says so.
Bench bench(const std::filesystem::path& dir, const PipelineOptions& pipeline,
            const BenchOptions& options);

/// "text", then the stages of the layout.
std::vector<std::string> bench_stages(const ModelLayout& layout);

std::string as_text(const Bench& bench);
std::string as_csv(const Bench& bench);
std::string as_json(const Bench& bench);
/// What as_json wrote. Throws Error naming the file.
Bench read_bench(const std::filesystem::path& path);
/// The ratios old / new of each stage that both have; of steps, by the picture.
std::string compared(const Bench& bench, const Bench& earlier, const std::string& name);

}  // namespace unclip::lab
