#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace unclip::cli {

/// One command of the program. A new one is a file with its function below, a row in verbs.cpp and
/// its place in the overview of help.cpp.
struct Verb {
  std::string name;
  std::string words;     ///< what it takes besides flags: "PROMPT..."
  std::string about;     ///< one line
  Flags flags;           ///< all flags that it takes
  std::string examples;  ///< lines of two spaces and a command
  void (*run)(const Arguments&, const Streams&);
};

/// All verbs. The first one runs if the command line names none.
const std::vector<Verb>& verbs();

Verb bench_verb();
Verb convert_verb();
Verb decode_verb();
Verb encode_verb();
Verb diff_verb();
Verb generate_verb();
Verb help_verb();
Verb index_verb();
Verb info_verb();
Verb invert_verb();
Verb mix_verb();
Verb models_verb();
Verb prior_verb();
Verb pull_verb();
Verb rank_verb();
Verb replay_verb();
Verb schedule_verb();
Verb schedule_compare_verb();
Verb schedule_list_verb();
Verb schedule_order_verb();
Verb schedule_show_verb();
Verb search_verb();
Verb sweep_verb();
Verb vary_verb();
Verb version_verb();

/// The versions of unclip and libtorch, a line each.
std::string version_text();

/// Does what the command line (without the program's name) asks for.
/// Throws UsageError, Error, or Cancelled after a signal that asks the program to stop.
void run(std::vector<std::string> arguments, const Streams& streams);

}  // namespace unclip::cli
