#include "train/training_run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <mutex>
#include <set>

#include "base/error.h"
#include "nn/layers.h"
#include "train/initialize.h"
#include "weights/checkpoint.h"

namespace unclip::train {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone when the test ends.
struct Scratch {
  fs::path path;
  Scratch() {
    auto name = (fs::temp_directory_path() / "unclip-train-test-XXXXXX").string();
    path = mkdtemp(name.data());
    fs::create_directories(path / "part");
  }
  ~Scratch() { fs::remove_all(path); }
};

/// Fits a linear layer to y = 2 x on random data, with noise from the step's generator.
void fit(const fs::path& folder, int64_t steps, bool resume, int64_t workers = 1,
         int64_t loaders = 1) {
  Linear layer({}, 1, 1);
  initialize(layer, 5);
  TrainingTask task{.name = "line", .parts = {{"part", "model", &layer}}};
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto offset = world::uniform(random, -1, 1);
    return [&, offset, count](at::Generator generator) {
      const auto x = at::randn({count, 1}, generator) + offset;
      return Losses{.total = (layer(x) - 2 * x).square().mean(), .figures = {}};
    };
  };
  train(task, {.model = folder,
               .run = folder,
               .steps = steps,
               .batch_size = 16,
               .loaders = loaders,
               .workers = workers,
               .learning_rate = 0.1,
               .resume = resume,
               .bfloat16 = false});
}

std::map<std::string, at::Tensor> state(const fs::path& folder) {
  const auto checkpoint = Checkpoint::open(folder / "line.checkpoint.safetensors");
  std::map<std::string, at::Tensor> tensors;
  for (const auto& name : checkpoint.names()) tensors[name] = checkpoint.tensor(name).clone();
  return tensors;
}

TEST(TrainingRun, LearnsAndWritesTheAverageAsTheModelsWeights) {
  const Scratch scratch;
  fit(scratch.path, 600, false);
  const auto model = Checkpoint::open(scratch.path / "part");
  EXPECT_NEAR(model.tensor("weight").item<float>(), 2, 0.2);
  EXPECT_EQ(model.tensor("weight").scalar_type(), at::kHalf);
  EXPECT_EQ(model.metadata().at("steps"), "600");
}

TEST(TrainingRun, ResumesExactlyWithAnyNumberOfWorkers) {
  for (const int64_t workers : {1, 2, 4}) {
    const Scratch scratch;
    fit(scratch.path, 40, false, workers);
    const auto whole = state(scratch.path);
    fit(scratch.path, 25, false, workers);
    fit(scratch.path, 40, true, workers);
    const auto resumed = state(scratch.path);
    ASSERT_EQ(whole.size(), resumed.size());
    for (const auto& [name, tensor] : whole) {
      EXPECT_TRUE(at::equal(tensor, resumed.at(name))) << name << " with " << workers;
    }
  }
}

TEST(TrainingRun, IsTheSameHoweverFarItsDataAreRenderedAhead) {
  const Scratch one, five;
  fit(one.path, 12, false, 2, /*loaders=*/1);
  fit(five.path, 12, false, 2, /*loaders=*/5);
  const auto far = state(five.path);
  for (const auto& [name, tensor] : state(one.path)) {
    EXPECT_TRUE(at::equal(tensor, far.at(name))) << name;
  }
  EXPECT_THROW(fit(one.path, 1, false, 1, /*loaders=*/0), Error);
}

TEST(TrainingRun, WorkersShareABatch) {
  const Scratch scratch;
  std::mutex mutex;
  std::vector<int64_t> counts;
  std::set<double> noises;
  Linear layer({}, 1, 1);
  initialize(layer, 5);
  TrainingTask task{.name = "line", .parts = {{"part", "model", &layer}}};
  task.prepare = [&](world::Random&, int64_t count) -> Work {
    return [&, count](at::Generator generator) {
      const auto x = at::randn({count, 1}, generator);
      const std::lock_guard lock(mutex);
      counts.push_back(count);
      noises.insert(x.sum().item<double>());
      return Losses{.total = (layer(x) - 2 * x).square().mean(), .figures = {}};
    };
  };
  train(task, {.model = scratch.path,
               .run = scratch.path,
               .steps = 1,
               .batch_size = 12,
               .workers = 3,
               .learning_rate = 0.1,
               .bfloat16 = false});
  EXPECT_EQ(counts, std::vector<int64_t>({4, 4, 4}));
  EXPECT_EQ(noises.size(), 3);  // no two had the same
}

TEST(TrainingRun, GradientIsTheMeanOfTheShares) {
  // The shares' gradients are 0.1, 0.2, 0.3 and 0.4. A tenth of their mean is AdamW's first moment
  // after one step.
  const Scratch scratch;
  Linear layer({}, 1, 1);
  initialize(layer, 5);
  TrainingTask task{.name = "line", .parts = {{"part", "model", &layer}}};
  double share = 0;
  task.prepare = [&](world::Random&, int64_t) -> Work {
    share += 0.1;
    return [&, share](at::Generator) {
      return Losses{.total = layer(at::ones({1, 1})).sum() * share, .figures = {}};
    };
  };
  train(task, {.model = scratch.path,
               .run = scratch.path,
               .steps = 1,
               .batch_size = 4,
               .workers = 4,
               .learning_rate = 0.1,
               .bfloat16 = false});
  EXPECT_NEAR(state(scratch.path).at("first_moment/part/weight").item<float>(), 0.025, 1e-6);
}

TEST(TrainingRun, RefusesABatchThatCannotBeShared) {
  const Scratch scratch;
  EXPECT_THROW(fit(scratch.path, 1, false, 3), Error);
}

}  // namespace
}  // namespace unclip::train
