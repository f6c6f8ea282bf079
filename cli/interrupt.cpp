#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

namespace unclip::cli {
namespace {

volatile std::sig_atomic_t was_interrupted = 0;

void on_interrupt(int) {
  if (was_interrupted) _exit(130);
  was_interrupted = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return was_interrupted != 0; }

}  // namespace unclip::cli
