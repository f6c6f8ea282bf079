#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace unclip::cli {
namespace {

void interrupt_twice() {
  catch_interrupts();
  if (interrupted()) std::_Exit(1);
  std::raise(SIGINT);
  if (!interrupted()) std::_Exit(2);
  std::raise(SIGINT);
  std::_Exit(3);
}

TEST(Interrupt, IsNotedOnceAndEndsTheProgramTheSecondTime) {
  EXPECT_EXIT(interrupt_twice(), ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace unclip::cli
