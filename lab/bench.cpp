#include "lab/bench.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>

#include "base/error.h"
#include "base/nearest_name.h"
#include "base/statistics.h"
#include "families/registry.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"
#include "lab/operation_counter.h"
#include "lab/peak_rate.h"
#include "nn/noise_source.h"

namespace unclip::lab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kUntimed = 2;  // steps before the timed ones
constexpr auto kText = "text";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string dtype_label(at::ScalarType type) {
  return type == at::kFloat ? "float32" : type == at::kBFloat16 ? "bfloat16" : "float16";
}

/// Resets the peak of memory: the device's own if it has an accelerator, otherwise the process's
/// resident size. If the system does not allow that, the process's peak since its start remains.
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

/// Measures one stage after another. The stages before it return noise, because the time does not
/// depend on the values.
class StageRuns {
 public:
  StageRuns(const ModelDir& folder, const PipelineOptions& pipeline, const BenchOptions& options)
      : options_(options),
        device_(pipeline.device),
        model_(family_of(folder).open(folder, pipeline, needs_of(options.stages, folder.layout()))),
        plan_(make_plan({}, folder.defaults())),
        own_evaluations_(evaluations()) {
    for (auto& stage : plan_.stages) stage.walk.steps = options.steps + kUntimed;
    check_plan(plan_, model_->schedulers());
    if (model_->needs().decoder) plan_.size = model_->resolve_size({});
  }

  StageBench run(const std::string& stage) {
    StageBench result{.stage = stage};
    const auto it = own_evaluations_.find(stage);
    result.evaluations = it == own_evaluations_.end() ? 1 : it->second;
    if (stage != kText) encode_texts();
    reset_peak(device_);
    model_->memory().start_measuring();

    // The first step includes the start of the sampling run; in the second the operations are
    // counted.
    std::unique_ptr<OperationCounter> counter;
    int64_t done = 0;
    double loaded = 0;
    auto start = Clock::now();
    const auto stamp = [&] {
      const auto load_seconds = model_->memory().load_seconds() - loaded;
      loaded += load_seconds;
      const auto seconds = seconds_since(start) - load_seconds;
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
                              .label = label_of(stage),
                              .step = done,
                              .steps = options_.steps + kUntimed,
                              .images = options_.batch,
                              .total_images = options_.batch};
      if (options_.on_progress && !options_.on_progress(progress)) throw Cancelled();
      start = Clock::now();
    };
    if (stage == kText) {
      run_text(stamp);
    } else {
      run_stage(stage, stamp);
    }
    result.load_seconds = loaded;
    result.peak_bytes = peak_bytes(device_);
    result.refusals = model_->memory().refusals();
    return result;
  }

 private:
  static Needs needs_of(const std::vector<std::string>& stages, const ModelLayout& layout) {
    Needs needs;
    for (const auto& name : stages) {
      needs.text = needs.text || name == kText;
      const auto* stage = layout.stage(name);
      if (stage == nullptr) continue;
      (stage->half == Half::kPrior ? needs.prior : needs.decoder) = true;
    }
    return needs;
  }

  std::map<std::string, int64_t> evaluations() const {
    std::map<std::string, int64_t> all;
    for (const auto& [stage, scheduler] : model_->schedulers()) {
      all[stage] = evaluations_of(scheduler, plan_.stage(stage).walk);
    }
    return all;
  }

  std::string label_of(const std::string& stage) const {
    const auto* plan = plan_.find(stage);
    return plan == nullptr ? stage : plan->spec.label;
  }

  std::vector<Row> rows() const {
    std::vector<Row> rows;
    for (int64_t i = 0; i < options_.batch; ++i) {
      rows.push_back({.prompt = options_.prompt, .seed = static_cast<uint64_t>(i)});
    }
    return rows;
  }

  /// Samples only the stages in `only`.
  void run_half(Half half, const std::set<std::string>& only, const GenerateOptions& options) {
    Run run(rows(), {.total = options_.batch}, plan_, model_->schedulers(), options);
    std::set<std::string> others;
    for (const auto& stage : plan_.stages) {
      if (!only.contains(stage.spec.name)) others.insert(stage.spec.name);
    }
    run.skip(others);
    if (half == Half::kPrior) {
      model_->prior(run);
    } else {
      const std::vector<uint64_t> seeds(static_cast<size_t>(options_.batch), 1);
      const auto z = NoiseSource(seeds).draw({model_->embedding_width()});
      model_->decode({.z = z, .negative = z.flip(1)}, run);
    }
  }

  /// Encodes the texts, so that later runs reuse them.
  void encode_texts() { run_half(model_->needs().prior ? Half::kPrior : Half::kDecoder, {}, {}); }

  void run_text(const std::function<void()>& stamp) {
    const std::vector<std::string> texts(static_cast<size_t>(options_.batch), options_.prompt);
    for (int64_t i = 0; i < options_.steps + kUntimed; ++i) {
      model_->encode_texts(texts).flatten()[0].item<float>();
      stamp();
    }
  }

  void run_stage(const std::string& stage, const std::function<void()>& stamp) {
    const GenerateOptions options{.on_step = [&](const Step& step) {
      step.next.flatten()[0].item<float>();  // waits for a GPU
      stamp();
    }};
    run_half(plan_.stage(stage).spec.half, {stage}, options);
  }

  BenchOptions options_;
  at::Device device_;
  std::unique_ptr<Model> model_;
  Plan plan_;
  std::map<std::string, int64_t> own_evaluations_;  // with the model's own number of steps
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

std::vector<std::string> bench_stages(const ModelLayout& layout) {
  auto stages = stage_names(layout.stages);
  stages.insert(stages.begin(), kText);
  return stages;
}

Bench bench(const std::filesystem::path& dir, const PipelineOptions& pipeline,
            const BenchOptions& options) {
  const at::NoGradGuard no_grad;
  const auto folder = open_model_dir(dir, pipeline.parts);
  const auto known = bench_stages(folder.layout());
  auto chosen = options;
  if (chosen.stages.empty()) chosen.stages = known;
  for (const auto& stage : chosen.stages) {
    if (std::find(known.begin(), known.end(), stage) != known.end()) continue;
    fail("there is no stage '", stage, "' in ", folder.path(), "; ", name_hint(stage, known));
  }
  StageRuns runs(folder, pipeline, chosen);
  Bench result{.model = folder.defaults().name,
               .device = pipeline.device.str(),
               .dtype = dtype_label(pipeline.dtype),
               .threads = at::get_num_threads(),
               .batch = options.batch,
               .peak_operations = peak_rate(pipeline.dtype, pipeline.device)};
  for (const auto& stage : chosen.stages) result.stages.push_back(runs.run(stage));
  return result;
}

}  // namespace unclip::lab
