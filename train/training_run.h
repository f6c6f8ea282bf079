#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nn/module.h"
#include "train/optimizer.h"
#include "world/random.h"

namespace unclip::train {

/// What every `unclip-train` command is told.
struct TrainOptions {
  std::filesystem::path model;  // the hub folder: configs and finished parts are read there, the
                                // trained part is written there
  std::filesystem::path run;    // checkpoints, log and sample sheets
  std::string part;             // of the model, where a verb trains one of several
  int64_t steps = 0;
  int64_t batch_size = 0;
  int64_t loaders = 1;  // steps that are rendered ahead, each by a thread
  int64_t workers = 1;  // threads that share a batch; each uses its part of libtorch's threads
  double learning_rate = 0;
  double matrix_rate = 0;  // of Muon; 0: AdamW updates everything
  int64_t cool_down = 0;
  double average_decay = 0.9995;
  uint64_t seed = 1;
  bool resume = false;      // go on from the run's checkpoint, exactly
  bool from_model = false;  // begin with the model folder's weights instead of random ones
  bool bfloat16 = true;     // matrix products and convolutions in bfloat16
  at::Device device = at::kCPU;
  double checkpoint_minutes = 5;
};

/// A batch's loss with the figures that the log shows beside it.
struct Losses {
  at::Tensor total;  // scalar, with its graph
  std::vector<std::pair<std::string, at::Tensor>> figures;
};

/// What is left of a batch once it is rendered: the network's forward pass. Its noise comes from
/// the given generator.
using Work = std::function<Losses(at::Generator)>;

/// What is particular to one network.
struct TrainingTask {
  std::string name;  // of the checkpoint and the log
  /// Folder of the part in the model, file stem, and the network, for each that is trained.
  struct Part {
    std::string folder, stem;
    Module* module;
  };
  std::vector<Part> parts;
  /// Trained parameters that belong to no part, such as CLIP's temperature, and those of them that
  /// are noted in the weights' metadata, which are scalars.
  std::vector<std::pair<std::string, at::Tensor>> extra, noted;
  /// Renders so many examples, on any thread. The loss must be a mean over them: with several
  /// workers each gets a share of the batch.
  std::function<Work(world::Random&, int64_t count)> prepare;
  /// Paints what the network has learned, its parameters being their averages; may be empty.
  std::function<void(const std::filesystem::path& png)> paint_samples;
};

/// Trains until options.steps: a checkpoint every few minutes and at the end, from which
/// `options.resume` goes on as if it had not stopped (the data of a step depend on seed, step and
/// number of workers alone), the averages written to the model folder as float16, a log of losses
/// in RUN/NAME.csv and in RUN/NAME/events.out.tfevents... for TensorBoard. Ctrl-C writes a
/// checkpoint and ends. Small networks on a processor gain from workers: two of one thread each do
/// half as much again as one of two threads.
void train(const TrainingTask& task, const TrainOptions& options);

/// Begins a part's training: random parameters, or with options.from_model the folder's weights.
void prepare_module(Module& module, const std::string& folder, const std::string& stem,
                    const TrainOptions& options);

/// Lays a convolutional network's kernels out with the channels innermost, which is how the
/// processor's convolutions read them fastest; its input should be laid out so, too.
void use_channels_last(Module& module);

/// Reads a part's weights from options.model into the module, float32 on options.device.
void load_part(Module& module, const std::string& folder, const std::string& stem,
               const TrainOptions& options);

}  // namespace unclip::train
