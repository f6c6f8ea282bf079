#include "cli/verbs.h"

#include <torch/version.h>

#include <algorithm>
#include <ostream>

#include "cli/version.h"
#include "core/error.h"

namespace unclip::cli {
namespace {

Flags flags_of_all_verbs() {
  Flags flags;
  for (const auto& verb : verbs()) flags.insert(flags.end(), verb.flags.begin(), verb.flags.end());
  return flags;
}

/// The verb that the command line names, which is taken out of it; else the first one.
const Verb& take_verb(std::vector<std::string>& arguments) {
  const auto word = first_word(flags_of_all_verbs(), arguments);
  if (word < arguments.size()) {
    for (const auto& verb : verbs()) {
      if (verb.name != arguments[word]) continue;
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(word));
      return verb;
    }
  }
  return verbs().front();
}

void print_help(const Verb& verb, std::ostream& out) {
  out << verb.about << "\n\nUsage:\n";
  if (&verb == &verbs().front()) {
    out << "  unclip " << verb.words << " [options]\n";
    for (const auto& other : verbs()) {
      const auto usage = "  unclip " + other.name + " " + other.words + " [options]";
      constexpr size_t kColumn = 52;
      out << usage << std::string(kColumn - std::min(kColumn - 2, usage.size()), ' ') << other.about
          << "\n";
    }
    out << "  unclip VERB --help\n";
  } else {
    out << "  unclip " << verb.name << " " << verb.words << " [options]\n";
  }
  out << flags_help(verb.flags) << "\nExamples:\n"
      << verb.examples
      << "\nExit status: 0 done, 1 what you can repair, 2 wrong usage, 130 after Ctrl-C.\n";
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> verbs = {
      generate_verb(), encode_verb(), prior_verb(), decode_verb(), vary_verb(),   mix_verb(),
      diff_verb(),     invert_verb(), rank_verb(),  index_verb(),  search_verb(), replay_verb(),
      schedule_verb(), sweep_verb(),  info_verb(),  bench_verb()};
  return verbs;
}

void run(std::vector<std::string> arguments, const Streams& streams) {
  const auto& verb = take_verb(arguments);
  const auto parsed = Arguments::parse(verb.flags, arguments);
  if (parsed.on("help")) {
    print_help(verb, streams.out);
  } else if (parsed.on("version")) {
    streams.out << "unclip " << kVersion << "\nlibtorch " << TORCH_VERSION << "\n";
  } else {
    verb.run(parsed, streams);
  }
  streams.out.flush();
  if (!streams.out) fail("standard output: cannot be written");
}

}  // namespace unclip::cli
