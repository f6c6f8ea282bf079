#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/engine.h"
#include "tests/support/golden.h"
#include "tests/support/karlo_options.h"
#include "tests/support/tiny_models.h"

// The contract that engine/engine.h states on Engine.

namespace unclip {
namespace {

using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

struct SharedFolder : TemporaryFolder {
  SharedFolder() { const TinyModel write(Golden("pipeline_plain"), path()); }
};

GenerateOptions options_of(uint64_t seed) {
  return {.count = 2, .seed = seed, .stages = testing::karlo_steps(3, 3, 2)};
}

TEST(EngineThreads, SeveralEnginesOfOneFolderMakeAtOnceWhatEachMakesAlone) {
  const SharedFolder folder;
  constexpr size_t kThreads = 3;
  const std::string prompts[kThreads] = {"a fox", "snow", "a red fox"};
  std::vector<std::vector<GeneratedImage>> alone(kThreads), at_once(kThreads);
  for (size_t i = 0; i < kThreads; ++i) {
    alone[i] = Engine::load(folder.path()).generate({prompts[i]}, options_of(i));
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      auto engine = Engine::load(folder.path(), {.low_memory = i == 0});
      for (int round = 0; round < 3; ++round) {
        at_once[i] = engine.generate({prompts[i]}, options_of(i));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < kThreads; ++i) {
    for (size_t k = 0; k < 2; ++k) {
      EXPECT_TRUE(at::equal(at_once[i][k].image, alone[i][k].image)) << i << ", " << k;
    }
  }
}

TEST(EngineThreads, AnEngineMayMoveToAnotherThreadBetweenCalls) {
  const SharedFolder folder;
  auto engine = Engine::load(folder.path());
  const auto here = engine.generate({"a fox"}, options_of(5));
  std::vector<GeneratedImage> there;
  std::thread([&, moved = std::move(engine)]() mutable {
    there = moved.generate({"a fox"}, options_of(5));
    engine = std::move(moved);
  }).join();
  EXPECT_TRUE(at::equal(there[1].image, here[1].image));
  EXPECT_TRUE(at::equal(engine.generate({"a fox"}, options_of(5))[1].image, here[1].image));
}

TEST(EngineThreads, CallbacksAreCalledInTheCallersThread) {
  const SharedFolder folder;
  auto options = options_of(1);
  int calls = 0;
  const auto expect_here = [&, here = std::this_thread::get_id()] {
    EXPECT_EQ(std::this_thread::get_id(), here);
    ++calls;
  };
  options.on_progress = [&](const Progress&) { return expect_here(), true; };
  options.on_watch = [&](const WatchedStep&) { expect_here(); };
  options.on_image = [&](GeneratedImage&&) { expect_here(); };
  Engine::load(folder.path()).generate({"a fox"}, options);
  EXPECT_GT(calls, 2 * (8 + 8));
}

}  // namespace
}  // namespace unclip
