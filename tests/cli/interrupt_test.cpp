#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace unclip::cli {
namespace {

void interrupt_twice(int signal) {
  catch_interrupts();
  if (interrupted()) std::_Exit(1);
  std::raise(signal);
  if (!interrupted() || interrupt_status() != 128 + signal) std::_Exit(2);
  std::raise(signal);
  std::_Exit(3);
}

TEST(Interrupt, IsNotedOnceAndEndsTheProgramTheSecondTime) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(interrupt_twice(signal), ::testing::ExitedWithCode(128 + signal), "") << signal;
  }
}

TEST(Interrupt, LeavesSighupIgnoredUnderNohup) {
  const auto hang_up = [] {
    std::signal(SIGHUP, SIG_IGN);
    catch_interrupts();
    std::raise(SIGHUP);
    std::_Exit(interrupted() ? 1 : 0);
  };
  EXPECT_EXIT(hang_up(), ::testing::ExitedWithCode(0), "");
}

TEST(Interrupt, TurnsAFileThatIsTooLargeIntoAnErrorOfItsWrite) {
  const auto outgrow = [] {
    catch_interrupts();
    std::raise(SIGXFSZ);
    std::_Exit(0);
  };
  EXPECT_EXIT(outgrow(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace unclip::cli
