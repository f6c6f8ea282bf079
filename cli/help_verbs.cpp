#include <torch/version.h>

#include <ostream>

#include "base/nearest_name.h"
#include "cli/help.h"
#include "cli/verbs.h"
#include "cli/version.h"

namespace unclip::cli {
namespace {

Flags flags_of_help() { return {{"help", 'h', "", "", "print help", "Other"}}; }

const Verb& verb_named(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& verb : verbs()) {
    if (verb.name == name) return verb;
    names.push_back(verb.name);
  }
  throw UsageError("help: '" + name + "' is not a command; " + name_hint(name, names));
}

void help(const Arguments& arguments, const Streams& streams) {
  std::string name;  // of one word or two: "schedule list"
  for (const auto& word : arguments.words()) name.append(name.empty() ? "" : " ").append(word);
  if (name.empty()) {
    streams.out << overview();
  } else {
    streams.out << long_help(verb_named(name), defaults_for_help(""));
  }
}

void version(const Arguments& arguments, const Streams& streams) {
  if (!arguments.words().empty()) throw UsageError("version takes no words");
  streams.out << version_text();
}

}  // namespace

std::string version_text() {
  return std::string("unclip ") + kVersion + "\nlibtorch " + TORCH_VERSION + "\n";
}

Verb help_verb() {
  return {"help",
          "[COMMAND]",
          "Print help: all commands, or one command's options.",
          flags_of_help(),
          "  unclip help\n  unclip help schedule\n",
          help};
}

Verb version_verb() {
  return {"version",
          "",
          "Print the versions of unclip and libtorch.",
          flags_of_help(),
          "  unclip version\n",
          version};
}

}  // namespace unclip::cli
