#include "lab/bench.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "base/statistics.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"
#include "lab/operation_counter.h"
#include "lab/peak_rate.h"
#include "lab/settings.h"
#include "nn/noise_source.h"
#include "pipeline/batch.h"
#include "pipeline/stages.h"

namespace unclip::lab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kUntimed = 2;  // steps before those that are timed

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string dtype_label(at::ScalarType type) {
  return type == at::kFloat ? "float32" : type == at::kBFloat16 ? "bfloat16" : "float16";
}

/// Forgets the most memory so far: the device's own, the process's resident size elsewhere. Where
/// the system does not let it, the process's own highest stays.
void reset_peak(at::Device device) {
  if (auto* there = accelerator(device)) return there->reset_peak(device);
  std::ofstream("/proc/self/clear_refs") << "5";
}

int64_t peak_bytes(at::Device device) {
  if (auto* there = accelerator(device)) return there->peak_bytes(device);
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

/// One stage after another, each fed with noise in place of what the one before would give it: the
/// time does not depend on the numbers.
class StageRuns {
 public:
  StageRuns(const std::filesystem::path& dir, const PipelineOptions& pipeline,
            const BenchOptions& options)
      : options_(options),
        device_(pipeline.device),
        stages_(dir, pipeline, needs_of(options.stages)),
        settings_(settings_of(options_of(options), stages_.model().defaults())),
        noise_(seeds(options.batch)) {}

  const ModelDir& model() const { return stages_.model(); }

  StageBench run(Stage stage) {
    StageBench result{.stage = stage};
    result.evaluations = evaluations(stage);
    if (stage != Stage::kText) {
      text_ = stages_.encode_text(stages_.tokenize(prompts()));
    }
    reset_peak(device_);
    auto start = Clock::now();
    stages_.load(stage);
    result.load_seconds = seconds_since(start);

    // The first step has the walk's beginning in it; in the second the operations are counted.
    std::unique_ptr<OperationCounter> counter;
    start = Clock::now();
    int64_t done = 0;
    const auto stamp = [&] {
      const auto seconds = seconds_since(start);
      ++done;
      if (done == 1) {
        result.first_seconds = seconds;
        counter = std::make_unique<OperationCounter>();
      } else if (done == 2) {
        result.operations = counter->operations();
        counter.reset();
      } else {
        result.steps.push_back(seconds);
      }
      const Progress progress{.stage = stage,
                              .step = done,
                              .steps = options_.steps + kUntimed,
                              .images = options_.batch,
                              .total_images = options_.batch};
      if (options_.on_progress && !options_.on_progress(progress)) throw Cancelled();
      start = Clock::now();
    };
    walk(stage, stamp);
    result.peak_bytes = peak_bytes(device_);
    result.refusals = stages_.refusals(stage);
    return result;
  }

 private:
  static Needs needs_of(const std::vector<Stage>& stages) {
    Needs needs{.text = true};
    for (const auto stage : stages) {
      needs.prior = needs.prior || stage == Stage::kPrior;
      needs.decoder = needs.decoder || stage == Stage::kDecoder || stage == Stage::kSuperResolution;
    }
    return needs;
  }
  static GenerateOptions options_of(const BenchOptions& options) {
    const auto steps = options.steps + kUntimed;
    return {.prior_steps = steps, .decoder_steps = steps, .super_res_steps = steps};
  }
  static std::vector<uint64_t> seeds(int64_t batch) {
    std::vector<uint64_t> all(static_cast<size_t>(batch));
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }
  std::vector<std::string> prompts() const {
    return std::vector<std::string>(static_cast<size_t>(options_.batch), options_.prompt);
  }

  int64_t evaluations(Stage stage) const {
    if (stage == Stage::kText) return 1;
    const auto settings = settings_of({}, model().defaults());
    const auto scheduler =
        make_scheduler(model().config(stage_key(stage) + "_scheduler"), walk_of(settings, stage));
    return static_cast<int64_t>(scheduler->timesteps().size());
  }

  template <class Stamp>
  void walk(Stage stage, const Stamp& stamp) {
    const auto stage_options = [&](const WalkOptions& walk, const Guidance& guidance) {
      return StageOptions{.walk = walk, .guidance = guidance, .on_step = [&](const Step& step) {
                            step.next.flatten()[0].item<float>();  // a GPU has come to its end then
                            stamp();
                          }};
    };
    const auto drawn = [&](at::IntArrayRef shape) {
      return to_device(noise_.draw(shape), device_);
    };
    const auto& c = stages_.configs();
    switch (stage) {
      case Stage::kText:
        for (int64_t i = 0; i < options_.steps + kUntimed; ++i) {
          stages_.encode_text(stages_.tokenize(prompts()))
              .text_embedding.flatten()[0]
              .item<float>();
          stamp();
        }
        return;
      case Stage::kPrior:
        stages_.prior(text_, noise_, stage_options(settings_.prior_walk, settings_.prior_guidance));
        return;
      case Stage::kDecoder:
        stages_.decoder(text_, drawn({c.text_proj.clip_embeddings_dim}), {}, noise_,
                        stage_options(settings_.decoder_walk, settings_.decoder_guidance));
        return;
      default:
        stages_.super_resolution(
            drawn({3, c.decoder.sample_size, c.decoder.sample_size}).clamp(-1, 1), noise_,
            stage_options(settings_.super_res_walk, {}));
    }
  }

  BenchOptions options_;
  at::Device device_;
  Stages stages_;
  Settings settings_;
  NoiseSource noise_;
  TextCondition text_;
};

}  // namespace

double StageBench::median_seconds() const { return median(steps); }

double StageBench::spread_seconds() const {
  auto sorted = steps;
  std::sort(sorted.begin(), sorted.end());
  const auto n = sorted.size();
  return sorted[(3 * n) / 4 < n ? (3 * n) / 4 : n - 1] - sorted[n / 4];
}

double StageBench::picture_seconds() const {
  return static_cast<double>(evaluations) * median_seconds();
}

Bench bench(const std::filesystem::path& dir, const PipelineOptions& pipeline,
            const BenchOptions& options) {
  const at::NoGradGuard no_grad;
  StageRuns runs(dir, pipeline, options);
  Bench result{.model = runs.model().defaults().name,
               .device = pipeline.device.str(),
               .dtype = dtype_label(pipeline.dtype),
               .threads = at::get_num_threads(),
               .batch = options.batch,
               .peak_operations = peak_rate(pipeline.dtype, pipeline.device)};
  for (const auto stage : options.stages) result.stages.push_back(runs.run(stage));
  return result;
}

}  // namespace unclip::lab
