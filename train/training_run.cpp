#include "train/training_run.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fstream>
#include <future>
#include <map>

#include "base/error.h"
#include "base/fnv1a.h"
#include "kernels/spinning.h"
#include "train/event_file.h"
#include "train/initialize.h"
#include "weights/checkpoint.h"
#include "weights/load.h"
#include "weights/write_safetensors.h"

namespace unclip::train {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t interrupted = 0;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Runs matrix products and convolutions in bfloat16 during its lifetime.
class Autocast {
 public:
  Autocast(bool enabled, at::DeviceType device) : enabled_(enabled), device_(device) {
    if (!enabled_) return;
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~Autocast() {
    if (!enabled_) return;
    at::autocast::set_autocast_enabled(device_, false);
    at::autocast::clear_cache();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_;
  at::DeviceType device_;
};

/// Runs the calling thread's operators on this number of threads during its lifetime.
class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ~ThreadCount() { at::set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

std::vector<std::pair<std::string, at::Tensor>> trained_parameters(const TrainingTask& task) {
  std::vector<std::pair<std::string, at::Tensor>> result;
  for (const auto& part : task.parts) {
    for (const auto& [name, tensor] : part.module->parameters()) {
      if (tensor.requires_grad()) result.emplace_back(part.folder + "/" + name, tensor);
    }
  }
  for (const auto& item : task.extra) result.push_back(item);
  return result;
}

/// The log: from time to time it writes a line of running means.
class Log {
 public:
  Log(const std::filesystem::path& run, const std::string& name)
      : file_(run / (name + ".csv"), std::ios::app), events_(run / name) {
    if (!file_) fail(run / (name + ".csv"), ": cannot be written");
  }

  void add(const std::string& name, double value) {
    if (!means_.contains(name)) order_.push_back(name);
    means_[name].first += value;
    means_[name].second += 1;
  }

  void write(int64_t step, double rate, double seconds_left) {
    std::printf("step %ld  %.2f steps/s  %.0f min left ", static_cast<long>(step), rate,
                seconds_left / 60);
    file_ << step;
    std::vector<std::pair<std::string, double>> scalars;
    for (const auto& name : order_) {
      const auto& [sum, count] = means_[name];
      std::printf(" %s %.4g", name.c_str(), sum / count);
      file_ << ',' << name << ',' << sum / count;
      scalars.emplace_back(name, sum / count);
    }
    events_.write(step, scalars);
    std::printf("\n");
    std::fflush(stdout);
    file_ << std::endl;
    means_.clear();
    order_.clear();
  }

 private:
  std::ofstream file_;
  EventFile events_;
  std::vector<std::string> order_;
  std::map<std::string, std::pair<double, double>> means_;
};

/// A worker's share of a step.
struct Share {
  Losses losses;
  std::vector<at::Tensor> gradients;  // of the trained parameters; undefined if one is not used
};

std::vector<at::Tensor> values(const std::vector<std::pair<std::string, at::Tensor>>& named) {
  std::vector<at::Tensor> result;
  for (const auto& item : named) result.push_back(item.second);
  return result;
}

class Run {
 public:
  Run(const TrainingTask& task, const TrainOptions& options)
      : task_(task),
        options_(options),
        parameters_(values(trained_parameters(task))),
        optimizer_(trained_parameters(task), {.learning_rate = options.learning_rate,
                                              .matrix_rate = options.matrix_rate,
                                              .average_decay = options.average_decay,
                                              .cool_down = options.cool_down,
                                              .steps = options.steps}),
        checkpoint_(options.run / (task.name + ".checkpoint.safetensors")) {
    if (options.workers < 1 || options.batch_size % options.workers != 0) {
      fail("--batch ", options.batch_size, " cannot be shared evenly by --workers ",
           options.workers);
    }
    if (options.loaders < 1) fail("--loaders: expected at least 1, got ", options.loaders);
    std::filesystem::create_directories(options.run);
    if (options.resume) resume();
  }

  void go() {
    Log log(options_.run, task_.name);
    const auto started = Clock::now();
    auto saved = started;
    const auto first = step_;
    std::deque<std::future<std::vector<Work>>> ahead;
    while (step_ < options_.steps && !interrupted) {
      // One step is rendered while the one before it is computed; more loaders render further
      // ahead.
      while (static_cast<int64_t>(ahead.size()) <= options_.loaders &&
             step_ + static_cast<int64_t>(ahead.size()) < options_.steps) {
        ahead.push_back(prepare(step_ + static_cast<int64_t>(ahead.size())));
      }
      const auto work = ahead.front().get();
      ahead.pop_front();
      differentiate(work, log);
      log.add("gradient", optimizer_.update(step_));
      kernels::adapt_spinning();
      ++step_;
      if (step_ % kLogEvery == 0 || step_ == options_.steps) {
        const auto rate = static_cast<double>(step_ - first) / seconds_since(started);
        log.write(step_, rate, static_cast<double>(options_.steps - step_) / rate);
      }
      if (seconds_since(saved) > 60 * options_.checkpoint_minutes) {
        save();
        saved = Clock::now();
      }
    }
    save();
  }

 private:
  static constexpr int64_t kLogEvery = 50;

  std::future<std::vector<Work>> prepare(int64_t step) {
    return std::async(std::launch::async, [this, step] {
      std::vector<Work> shares;
      for (int64_t worker = 0; worker < options_.workers; ++worker) {
        auto random = random_of(step, worker);
        shares.push_back(task_.prepare(random, options_.batch_size / options_.workers));
      }
      return shares;
    });
  }

  // A worker's data, noise and timesteps depend only on seed, step and its number.
  world::Random random_of(int64_t step, int64_t worker) const {
    return world::Random(options_.seed * 0x9E3779B97F4A7C15u +
                         static_cast<uint64_t>(worker) * 0xD1B54A32D192ED03u +
                         static_cast<uint64_t>(step));
  }

  /// Sets the parameters' gradients to the mean over the shares.
  void differentiate(const std::vector<Work>& work, Log& log) {
    std::vector<std::future<Share>> others;
    for (int64_t worker = 1; worker < options_.workers; ++worker) {
      others.push_back(std::async(std::launch::async, [&, worker] {
        return differentiate(work[static_cast<size_t>(worker)], worker);
      }));
    }
    std::vector<Share> shares{differentiate(work[0], 0)};
    for (auto& other : others) shares.push_back(other.get());

    for (const auto& share : shares) {  // in a fixed order, so that sums are the same in every run
      log.add("loss", share.losses.total.item<double>());
      for (const auto& [name, value] : share.losses.figures) log.add(name, value.item<double>());
      for (size_t i = 0; i < parameters_.size(); ++i) {
        if (!share.gradients[i].defined()) continue;
        const auto part = share.gradients[i] / options_.workers;
        auto& sum = parameters_[i].mutable_grad();
        sum = sum.defined() ? sum + part : part;
      }
    }
  }

  Share differentiate(const Work& work, int64_t worker) {
    // The number of threads is a setting of each thread.
    const ThreadCount threads(std::max<int>(1, threads_ / static_cast<int>(options_.workers)));
    const auto generator = at::detail::createCPUGenerator(random_of(step_, worker)());
    Share share;
    {
      const Autocast autocast(options_.bfloat16, options_.device.type());
      share.losses = work(generator);
    }
    share.gradients = torch::autograd::grad({share.losses.total}, parameters_, {},
                                            /*retain_graph=*/false, /*create_graph=*/false,
                                            /*allow_unused=*/true);
    share.losses.total = share.losses.total.detach();
    return share;
  }

  void save() {
    write_safetensors(checkpoint_, optimizer_.state(), {{"step", std::to_string(step_)}});
    optimizer_.swap_averages();
    for (const auto& part : task_.parts) {
      std::map<std::string, at::Tensor> tensors;
      for (const auto& [name, tensor] : part.module->parameters()) {
        tensors[name] = tensor.detach().to(at::kCPU, at::kHalf);
      }
      std::map<std::string, std::string> metadata{{"format", "pt"},
                                                  {"steps", std::to_string(step_)}};
      for (const auto& [name, value] : task_.noted) {
        metadata[name] = std::to_string(value.item<double>());
      }
      write_safetensors(options_.model / part.folder / (part.stem + ".safetensors"), tensors,
                        metadata);
    }
    if (task_.paint_samples) {
      char name[64];
      std::snprintf(name, sizeof name, "%s-%07ld.png", task_.name.c_str(),
                    static_cast<long>(step_));
      task_.paint_samples(options_.run / name);
    }
    optimizer_.swap_averages();
  }

  void resume() {
    const auto saved = Checkpoint::open(checkpoint_);
    std::map<std::string, at::Tensor> state;
    for (const auto& name : saved.names()) state[name] = saved.tensor(name);
    optimizer_.restore(state);
    step_ = std::stoll(saved.metadata().at("step"));
  }

  const TrainingTask& task_;
  const TrainOptions& options_;
  const int threads_ = at::get_num_threads();
  std::vector<at::Tensor> parameters_;
  Optimizer optimizer_;
  std::filesystem::path checkpoint_;
  int64_t step_ = 0;
};

}  // namespace

void train(const TrainingTask& task, const TrainOptions& options) {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  Run(task, options).go();
}

void prepare_module(Module& module, const std::string& folder, const std::string& stem,
                    const TrainOptions& options) {
  if (options.from_model) {
    load_part(module, folder, stem, options);
    for (const auto& [name, tensor] : module.parameters()) tensor.set_requires_grad(true);
  } else {
    // Each part of a model starts from different random numbers.
    initialize(module, options.seed + fnv1a(folder));
    for (const auto& [name, tensor] : module.parameters()) {
      tensor.set_data(tensor.detach().to(options.device));
    }
  }
}

void use_channels_last(Module& module) {
  for (auto& [name, tensor] : module.parameters()) {
    if (tensor.dim() == 4) {
      tensor.set_data(tensor.detach().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

void load_part(Module& module, const std::string& folder, const std::string& stem,
               const TrainOptions& options) {
  load(module, Checkpoint::open(options.model / folder, stem),
       {.dtype = at::kFloat, .device = options.device});
}

}  // namespace unclip::train
