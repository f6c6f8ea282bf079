#pragma once

namespace unclip::cli {

/// From now on the first Ctrl-C only sets `interrupted()`, so that the work can end between two
/// steps and leave no half file; a second one ends the program at once, with 130.
void catch_interrupts();

bool interrupted();

}  // namespace unclip::cli
