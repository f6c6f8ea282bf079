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

/// Options of every `unclip-train` command that trains.
struct TrainOptions {
  std::filesystem::path model;  // the hub folder: configs and trained parts are read from it, and
                                // the part is written to it
  std::filesystem::path run;    // checkpoints, log and sample sheets
  std::string part;             // the part to train, if the command trains one of several
  int64_t steps = 0;
  int64_t batch_size = 0;
  int64_t loaders = 1;  // steps that are rendered in advance, each by one thread
  int64_t workers = 1;  // threads that share a batch; each uses its share of libtorch's threads
  double learning_rate = 0;
  double matrix_rate = 0;  // of Muon; 0: AdamW updates everything
  int64_t cool_down = 0;
  double average_decay = 0.9995;
  uint64_t seed = 1;
  bool resume = false;      // continue exactly from the run's checkpoint
  bool from_model = false;  // start from the model folder's weights instead of random ones
  bool bfloat16 = true;     // matrix products and convolutions in bfloat16
  at::Device device = at::kCPU;
  double checkpoint_minutes = 5;
};

/// A batch's loss, with other quantities to log.
struct Losses {
  at::Tensor total;  // scalar, with its graph
  std::vector<std::pair<std::string, at::Tensor>> figures;
};

/// The rest of a batch's computation after it is rendered: the network's forward pass. Its noise
/// comes from the given generator.
using Work = std::function<Losses(at::Generator)>;

/// Everything specific to the training of one network.
struct TrainingTask {
  std::string name;  // for the checkpoint and the log
  /// A part that is trained: its folder in the model, the stem of its file, and the network.
  struct Part {
    std::string folder, stem;
    Module* module;
  };
  std::vector<Part> parts;
  /// Trained parameters that do not belong to a part, such as CLIP's temperature; and those of
  /// them, all scalars, that are stored in the weights' metadata.
  std::vector<std::pair<std::string, at::Tensor>> extra, noted;
  /// Renders `count` examples, on any thread. The loss must be a mean over them, because with
  /// several workers each gets a share of the batch.
  std::function<Work(world::Random&, int64_t count)> prepare;
  /// Draws samples of the network, while its parameters are their averages; may be empty.
  std::function<void(const std::filesystem::path& png)> paint_samples;
};

/// Trains until options.steps. It writes a checkpoint every few minutes and at the end, from which
/// `options.resume` continues as if the run had not stopped (the data of a step depends only on the
/// seed, the step and the number of workers). With each checkpoint it writes the averages to the
/// model folder as float16. It logs losses in RUN/NAME.csv, and in RUN/NAME/events.out.tfevents...
/// for TensorBoard. Ctrl-C writes a checkpoint and ends the run. Small networks on a CPU train
/// faster with workers: two with one thread each do 1.5 times the work of one with two threads.
void train(const TrainingTask& task, const TrainOptions& options);

/// Prepares a part for training: with random parameters, or with options.from_model the folder's
/// weights.
void prepare_module(Module& module, const std::string& folder, const std::string& stem,
                    const TrainOptions& options);

/// Stores a convolutional network's kernels as channels last, the layout in which convolutions on a
/// CPU are fastest. The network's input should have it too.
void use_channels_last(Module& module);

/// Reads a part's weights from options.model into the module, float32 on options.device.
void load_part(Module& module, const std::string& folder, const std::string& stem,
               const TrainOptions& options);

}  // namespace unclip::train
