#include "cli/choose_verb.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/nearest_name.h"
#include "cli/foreign_names.h"

namespace unclip::cli {
namespace {

Flags flags_of_all_verbs() {
  Flags flags;
  for (const auto& verb : verbs()) flags.insert(flags.end(), verb.flags.begin(), verb.flags.end());
  return flags;
}

const Verb* find_verb(const std::string& name) {
  for (const auto& verb : verbs()) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

/// Removes the word at `index` from `arguments`.
void remove(std::vector<std::string>& arguments, size_t index) {
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(index));
}

/// The verb of two words that begins with `verb`, if the next word makes one with it; that word is
/// then removed. Else `verb`.
const Verb& with_second_word(const Verb& verb, const Flags& flags,
                             std::vector<std::string>& arguments) {
  const auto next = first_word(flags, arguments);
  if (next == arguments.size()) return verb;
  const auto* longer = find_verb(verb.name + " " + arguments[next]);
  if (longer == nullptr) return verb;
  remove(arguments, next);
  return *longer;
}

bool is_bare(const std::string& word) {
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  return !word.empty() && std::all_of(word.begin(), word.end(), is_letter);
}

/// The verb that `word` is a slip of; empty if there is none. Short words are near many others, so
/// only one slip is allowed in them, and none in the first letter: "tank" is not `rank`.
std::string misspelt_verb(const std::string& word) {
  if (word.size() < 3) return "";
  std::string lower;
  for (const unsigned char c : word) lower += static_cast<char>(std::tolower(c));
  for (const auto& verb : verbs()) {
    const size_t slips = verb.name.size() < 6 ? 1 : 2;
    if (lower[0] == verb.name[0] && edit_distance(lower, verb.name) <= slips) return verb.name;
  }
  return "";
}

[[noreturn]] void refuse(const std::string& word, const std::string& verb) {
  const auto question =
      verb.empty() ? "`unclip help` lists the commands." : "did you mean `unclip " + verb + "`?";
  throw UsageError("'" + word + "': no such command; " + question +
                   " To paint it as a prompt: unclip -- " + shell_word(word));
}

/// Throws UsageError if `words`, none of which is a verb, look like a command of some kind.
void expect_prompts(const std::vector<std::string>& words) {
  const auto& word = words.front();
  if (!is_bare(word)) return;
  if (const auto verb = misspelt_verb(word); !verb.empty()) refuse(word, verb);
  const bool all_bare = std::all_of(
      words.begin(), words.end(), [](const auto& other) { return other.find(' ') == other.npos; });
  if (is_foreign_verb(word) && all_bare) refuse(word, "");
  std::error_code ignored;
  if (words.size() > 1 && std::filesystem::exists(words[1], ignored)) refuse(word, "");
}

/// The words of a command line that names no verb, before `--`.
std::vector<std::string> words_before_dashes(std::vector<std::string> arguments) {
  arguments.erase(std::find(arguments.begin(), arguments.end(), "--"), arguments.end());
  try {
    return Arguments::parse(verbs().front().flags, arguments).words();
  } catch (const UsageError&) {
    return {};  // the verb's own parsing reports it
  }
}

}  // namespace

const Verb& choose_verb(std::vector<std::string>& arguments) {
  static const auto flags = flags_of_all_verbs();
  const auto first = first_word(flags, arguments);
  if (first == arguments.size()) return verbs().front();
  if (const auto* verb = find_verb(arguments[first])) {
    remove(arguments, first);
    return with_second_word(*verb, flags, arguments);
  }
  if (const auto words = words_before_dashes(arguments); !words.empty()) expect_prompts(words);
  return verbs().front();
}

bool looks_unquoted(const std::vector<std::string>& prompts) {
  return prompts.size() > 1 && std::all_of(prompts.begin(), prompts.end(), is_bare);
}

}  // namespace unclip::cli
