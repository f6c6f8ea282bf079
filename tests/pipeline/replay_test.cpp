#include "pipeline/replay.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/fake_accelerator.h"

namespace unclip {
namespace {

using testing::close;
using testing::FakeAccelerator;

/// A network of one weight that counts its evaluations.
struct Network {
  at::Tensor weight = at::full({3}, 2.0);
  int64_t evaluations = 0;

  Replay::Body body() {
    return [this](const std::vector<at::Tensor>& inputs) {
      ++evaluations;
      return inputs[0] * weight + inputs[1];
    };
  }
};

at::Tensor numbers(double first) { return at::arange(3, at::kFloat) + first; }

TEST(Replay, CallsWhereNothingCanBeRecorded) {
  Replay replay;
  Network network;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(close(replay({numbers(i), numbers(1)}, network.body()), numbers(i) * 2 + numbers(1),
                      /*rtol=*/0));
  }
  EXPECT_EQ(network.evaluations, 4);
}

TEST(Replay, CallsThenRecordsThenPlays) {
  FakeAccelerator fake(at::kCPU);
  Replay replay;
  Network network;
  const auto constant = numbers(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(close(replay({numbers(i), constant}, network.body()), numbers(i) * 2 + numbers(1),
                      /*rtol=*/0));
    EXPECT_EQ(fake.recordings, i == 0 ? 0 : 1) << i;
    EXPECT_EQ(fake.plays, i) << i;
  }
}

TEST(Replay, GivesEachResultMemoryOfItsOwn) {
  FakeAccelerator fake(at::kCPU);
  Replay replay;
  Network network;
  std::vector<at::Tensor> results;
  for (int i = 0; i < 4; ++i) {
    results.push_back(replay({numbers(i), numbers(0)}, network.body()));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(close(results[i], numbers(i) * 2 + numbers(0), /*rtol=*/0)) << i;
  }
}

TEST(Replay, TakesInputsThatAreAnotherTensorAndThoseThatComeBack) {
  FakeAccelerator fake(at::kCPU);
  Replay replay;
  Network network;
  const std::vector<at::Tensor> contexts = {numbers(10), numbers(20), numbers(10)};
  for (const auto& context : contexts) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(close(replay({numbers(i), context}, network.body()), numbers(i) * 2 + context,
                        /*rtol=*/0));
    }
  }
  EXPECT_EQ(fake.recordings, 1);
}

TEST(Replay, DoesNotCopyTheTensorOfTheCallBeforeAgain) {
  FakeAccelerator fake(at::kCPU);
  Replay replay;
  Network network;
  const auto constant = numbers(1);
  for (int i = 0; i < 3; ++i) replay({numbers(0), constant}, network.body());
  constant.fill_(100);  // which nobody does: what a recording reads is a copy of what it was
  EXPECT_TRUE(close(replay({numbers(0), constant}, network.body()), numbers(0) * 2 + numbers(1),
                    /*rtol=*/0));
}

TEST(Replay, HasARecordingForEachShape) {
  FakeAccelerator fake(at::kCPU);
  Replay replay;
  Network network;
  for (int i = 0; i < 3; ++i) {
    for (const int64_t rows : {1, 2}) {
      const auto x = numbers(i).expand({rows, 3});
      EXPECT_TRUE(close(replay({x, numbers(1)}, network.body()), x * 2 + numbers(1), /*rtol=*/0));
    }
  }
  EXPECT_EQ(fake.recordings, 2);
}

TEST(Replay, GoesOnCallingWhereTheDeviceRefusesToRecord) {
  FakeAccelerator fake(at::kCPU);
  fake.refuses = true;
  Replay replay;
  Network network;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(close(replay({numbers(i), numbers(1)}, network.body()), numbers(i) * 2 + numbers(1),
                      /*rtol=*/0));
  }
  EXPECT_EQ(fake.recordings, 1);
  EXPECT_EQ(network.evaluations, 4);
  EXPECT_EQ(replay.refusals(), std::set<std::string>{"this is not recorded"});
}

}  // namespace
}  // namespace unclip
