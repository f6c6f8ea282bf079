#pragma once

#include <optional>
#include <string>

#include "cli/verbs.h"
#include "weights/model_defaults.h"

namespace unclip::cli {

/// What `unclip` and `unclip help` print: all verbs, a line each, in at most 80 x 40 characters.
std::string overview();

/// What `VERB -h` prints: usage, the flags that are not advanced, a line or two each, and where to
/// read on, in at most 80 x 40 characters. `model` gives the defaults; without it they are called
/// the model's.
std::string short_help(const Verb& verb, const std::optional<ModelDefaults>& model);

/// What `VERB --help` and `help VERB` print: usage, every flag by group, examples, exit statuses.
std::string long_help(const Verb& verb, const std::optional<ModelDefaults>& model);

/// The flag's default as the help shows it, "8" or "the model's"; empty if it has none.
std::string default_text(const Flag& flag, const std::optional<ModelDefaults>& model);

/// `text` up to its first "; ": what -h and the completions show of a flag's help.
std::string first_clause(const std::string& text);

/// The defaults of the model that --model names, else of the default model; nothing if it is not
/// found, for help must work without one.
std::optional<ModelDefaults> defaults_for_help(const std::string& model);

/// The groups of `flags`, in the order in which the help prints them.
std::vector<std::string> flag_groups(const Flags& flags);

/// "unclip [generate] PROMPT... [options]"
std::string usage(const Verb& verb);

/// The exit statuses of every verb, for help and man pages.
extern const char* const kExitStatuses;

}  // namespace unclip::cli
