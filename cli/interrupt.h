#pragma once

namespace unclip::cli {

/// From now on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP only sets `interrupted()`, so that the
/// work can end between two steps, keep what it has and leave no half file; a second one ends the
/// program at once with status 128 + its number. SIGHUP stays ignored if it was (nohup). A file
/// that grows too large (SIGXFSZ) becomes an error of its write.
void catch_interrupts();

/// While it lives, a signal ends a read that waits for input, instead of letting it go on waiting.
class InterruptibleReads {
 public:
  InterruptibleReads();
  ~InterruptibleReads();
  InterruptibleReads(const InterruptibleReads&) = delete;
  InterruptibleReads& operator=(const InterruptibleReads&) = delete;
};

/// Whether one of the signals has come.
bool interrupted();

/// 128 + the number of the signal that came first, the exit status that a shell expects of a
/// program that it stopped; 130 if none came.
int interrupt_status();

}  // namespace unclip::cli
