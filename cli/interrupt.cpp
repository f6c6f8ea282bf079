#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace unclip::cli {
namespace {

volatile std::sig_atomic_t first_signal = 0;  // 0: none yet

void on_signal(int signal) {
  if (first_signal != 0) _exit(128 + signal);
  first_signal = signal;
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

/// Sets on_signal, with SA_RESTART or without flags.
void set_handlers(int flags) {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (signal != SIGHUP || !is_ignored(signal)) sigaction(signal, &action, nullptr);
  }
}

}  // namespace

void catch_interrupts() {
  set_handlers(SA_RESTART);
  std::signal(SIGXFSZ, SIG_IGN);
}

InterruptibleReads::InterruptibleReads() { set_handlers(0); }
InterruptibleReads::~InterruptibleReads() { set_handlers(SA_RESTART); }

bool interrupted() { return first_signal != 0; }

int interrupt_status() { return 128 + (first_signal != 0 ? first_signal : SIGINT); }

}  // namespace unclip::cli
