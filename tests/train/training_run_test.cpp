#include "train/training_run.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/layers.h"
#include "train/initialize.h"
#include "weights/checkpoint.h"

namespace unclip::train {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone when the test ends.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("unclip-train-test-" + std::to_string(getpid()));
  Scratch() { fs::create_directories(path / "part"); }
  ~Scratch() { fs::remove_all(path); }
};

/// Fits a linear layer to y = 2 x on random data; the step's noise comes from libtorch's generator.
void fit(const fs::path& folder, int64_t steps, bool resume) {
  auto layer = linear(1, 1);
  initialize(*layer, 5);
  TrainingTask task{.name = "line", .parts = {{"part", "model", layer.get()}}};
  task.prepare = [&](world::Random& random) -> std::function<Losses()> {
    const auto offset = world::uniform(random, -1, 1);
    return [&, offset] {
      const auto x = at::randn({16, 1}) + offset;
      return Losses{.total = (layer(x) - 2 * x).square().mean(), .figures = {}};
    };
  };
  train(task, {.model = folder,
               .run = folder,
               .steps = steps,
               .batch_size = 16,
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

TEST(TrainingRun, ResumesExactly) {
  const Scratch scratch;
  fit(scratch.path, 40, false);
  const auto whole = state(scratch.path);
  fit(scratch.path, 25, false);
  fit(scratch.path, 40, true);
  const auto resumed = state(scratch.path);
  ASSERT_EQ(whole.size(), resumed.size());
  for (const auto& [name, tensor] : whole) EXPECT_TRUE(at::equal(tensor, resumed.at(name))) << name;
}

}  // namespace
}  // namespace unclip::train
