#pragma once

#include <string>
#include <vector>

#include "cli/verbs.h"

namespace unclip::cli {

/// The verb that the command line names, which is then removed from `arguments`; the first verb if
/// it names none. Throws UsageError if a prompt looks like a mistyped or a guessed verb: painting
/// it would cost minutes and surprise.
///
///   vry first.png         one or two letters from `vary`
///   serve                 a single word that other tools have as a command
///   blend a.png b.png     a word before an existing file
///
/// After `--` every word is a prompt.
const Verb& choose_verb(std::vector<std::string>& arguments);

/// Whether the prompts look like one that was not quoted: `unclip a red ball`.
bool looks_unquoted(const std::vector<std::string>& prompts);

}  // namespace unclip::cli
