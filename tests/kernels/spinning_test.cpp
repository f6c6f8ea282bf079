#include "kernels/spinning.h"

#include <gtest/gtest.h>

namespace unclip::kernels {
namespace {

/// Looks every 20 ms.
struct Machine {
  explicit Machine(int64_t processors, bool busy = false)
      : detector(processors, processors, busy), threads(processors), busy(busy) {}

  /// `looks` looks at a machine with `others` running threads of other programs, this process's
  /// threads waiting `waited` seconds before each.
  bool run(int looks, int64_t others, double waited = 0) {
    for (int i = 0; i < looks; ++i) {
      load.seconds += 0.02;
      load.waited += waited;
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
  for (const int64_t processors : {1, 2, 64}) {
    EXPECT_FALSE(Machine(processors).run(500, 0, 40e-6));
  }
}

TEST(BusyDetector, FindsThatThreadsWaitForAProcessor) {
  Machine machine(2);
  EXPECT_FALSE(machine.run(2, 1, 8e-3));  // the first look has nothing to compare with
  EXPECT_TRUE(machine.run(1, 1, 8e-3));
  EXPECT_TRUE(machine.run(500, 1, 0));
}

TEST(BusyDetector, ForgivesAWaitNowAndThen) {
  Machine machine(2);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(machine.run(1, 1, 8e-3));
    EXPECT_FALSE(machine.run(9, 0, 40e-6));
  }
}

TEST(BusyDetector, LetsThreadsSpinAgainAfterAnIdleSecond) {
  Machine machine(2, /*busy=*/true);
  EXPECT_TRUE(machine.run(300, 2));
  EXPECT_TRUE(machine.run(20, 0));
  EXPECT_FALSE(machine.run(100, 0));
}

TEST(BusyDetector, LeavesASingleThreadAlone) {
  BusyDetector detector(2, 1);
  for (int i = 1; i < 100; ++i) {
    EXPECT_FALSE(detector.look({.seconds = 0.02 * i, .waited = 0.02 * i, .running = 9}));
  }
}

TEST(BusyDetector, CountsOnlyProgramsThatNeedTheSameProcessors) {
  EXPECT_TRUE(BusyDetector::others_run({.running = 2}, /*processors=*/2, /*threads=*/2));
  EXPECT_FALSE(BusyDetector::others_run({.running = 2}, /*processors=*/4, /*threads=*/2));
  EXPECT_FALSE(BusyDetector::others_run({.running = 1}, /*processors=*/2, /*threads=*/4));
}

TEST(RunningThreads, AreReadFromLoadavg) {
  EXPECT_EQ(running_threads("0.52 0.41 0.30 3/345 6789\n"), 3);
  for (const auto* text : {"", "/", "0.5 0.4", "x/3", "0.1 -2/3 4", "1 2 99999999999999999999/3"}) {
    EXPECT_EQ(running_threads(text), 0) << text;
  }
}

TEST(NanosecondsWaited, AreReadFromSchedstat) {
  EXPECT_EQ(nanoseconds_waited("123456 4996731 17\n"), 4996731);
  for (const auto* text : {"", " ", "1", "1 2", "1 x 2", "1 -2 3", "1 99999999999999999999 3"}) {
    EXPECT_EQ(nanoseconds_waited(text), 0) << text;
  }
}

TEST(AdaptSpinning, CanBeCalledOften) {
  for (int i = 0; i < 100'000; ++i) adapt_spinning();
}

}  // namespace
}  // namespace unclip::kernels
