#include "kernels/spinning.h"

#include <gtest/gtest.h>

namespace unclip::kernels {
namespace {

/// Looks every 10 ms.
struct Machine {
  explicit Machine(int64_t processors) : detector(processors, processors), threads(processors) {}

  /// `looks` looks at a machine with `others` running threads of other programs.
  bool run(int looks, int64_t others, int64_t preemptions = 0) {
    for (int i = 0; i < looks; ++i) {
      load.seconds += 0.01;
      load.preempted += preemptions;
      load.running = others + (busy ? 1 : threads);
      busy = detector.look(load);
    }
    return busy;
  }

  BusyDetector detector;
  int64_t threads;
  Load load{.seconds = 100};
  bool busy = false;
};

TEST(BusyDetector, LetsThreadsSpinOnAnIdleMachine) {
  for (const int64_t processors : {1, 2, 64}) EXPECT_FALSE(Machine(processors).run(500, 0));
}

TEST(BusyDetector, FindsAnotherProgramWithinTwoLooks) {
  Machine machine(2);
  EXPECT_FALSE(machine.run(1, 1));
  EXPECT_TRUE(machine.run(1, 1));
  EXPECT_TRUE(machine.run(500, 1));
}

TEST(BusyDetector, FindsThatItsOwnThreadsArePreempted) {
  Machine machine(2);
  EXPECT_TRUE(machine.run(3, 0, 2));  // the first look has nothing to compare with
}

TEST(BusyDetector, ForgivesASingleBusyLook) {
  Machine machine(2);
  EXPECT_FALSE(machine.run(1, 3));
  EXPECT_FALSE(machine.run(10, 0));
  EXPECT_FALSE(machine.run(1, 0, 5));
  EXPECT_FALSE(machine.run(10, 0));
}

TEST(BusyDetector, LetsThreadsSpinAgainAfterAnIdleSecond) {
  Machine machine(2);
  ASSERT_TRUE(machine.run(10, 2));
  EXPECT_TRUE(machine.run(90, 0));
  EXPECT_FALSE(machine.run(20, 0));
}

TEST(BusyDetector, LeavesASingleThreadAlone) {
  BusyDetector detector(2, 1);
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(detector.look({.seconds = 0.01 * i, .preempted = 0, .running = 9}));
  }
}

TEST(RunningThreads, AreReadFromLoadavg) {
  EXPECT_EQ(running_threads("0.52 0.41 0.30 3/345 6789\n"), 3);
  for (const auto* text : {"", "/", "0.5 0.4", "x/3", "0.1 -2/3 4", "1 2 99999999999999999999/3"}) {
    EXPECT_EQ(running_threads(text), 0) << text;
  }
}

TEST(AdaptSpinning, CanBeCalledOften) {
  for (int i = 0; i < 100'000; ++i) adapt_spinning();
}

}  // namespace
}  // namespace unclip::kernels
