#include "cli/verbs.h"

#include <ostream>

#include "base/error.h"
#include "cli/choose_verb.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/man_page.h"
#include "cli/version.h"

namespace unclip::cli {

namespace {

/// What the build and the installation ask the program for, which is no part of its interface:
/// `--generate-completion SHELL`, `--generate-man [VERB]`. Returns whether it was that.
bool generate_file(const std::vector<std::string>& arguments, std::ostream& out) {
  if (arguments.empty()) return false;
  const auto of = arguments.size() > 1 ? arguments[1] : std::string();
  if (arguments[0] == "--generate-completion") {
    out << completion(of);
  } else if (arguments[0] == "--generate-man") {
    out << man_page(of);
  } else {
    return false;
  }
  return true;
}

void run_verb(const Verb& verb, const std::vector<std::string>& arguments, const Streams& streams) {
  const auto parsed = Arguments::parse(verb.flags, arguments);
  const auto defaults = [&] {
    return parsed.knows("model") ? defaults_for_help(parsed.text("model")) : std::nullopt;
  };
  switch (parsed.help_request()) {
    case HelpRequest::kShort:
      streams.out << short_help(verb, defaults());
      return;
    case HelpRequest::kLong:
      streams.out << long_help(verb, defaults());
      return;
    case HelpRequest::kNone:
      break;
  }
  if (parsed.knows("version") && parsed.on("version")) {
    streams.out << version_text();
  } else {
    verb.run(parsed, streams);
  }
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> verbs = {
      generate_verb(),         vary_verb(),          mix_verb(),           diff_verb(),
      decode_verb(),           replay_verb(),        encode_verb(),        prior_verb(),
      invert_verb(),           rank_verb(),          index_verb(),         search_verb(),
      schedule_verb(),         schedule_list_verb(), schedule_show_verb(), schedule_order_verb(),
      schedule_compare_verb(), sweep_verb(),         bench_verb(),         info_verb(),
      convert_verb(),          models_verb(),        pull_verb(),          help_verb(),
      version_verb()};
  return verbs;
}

void run(std::vector<std::string> arguments, const Streams& streams) {
  if (arguments.empty()) {
    streams.err << overview() << "\n";
    throw UsageError("expected a prompt or a command");
  }
  if (!generate_file(arguments, streams.out)) {
    // Without a verb, help is about all of them first.
    if (arguments[0] == "-h" || arguments[0] == "--help") streams.out << overview();
    if (arguments[0] != "-h") {
      if (arguments[0] == "--help") streams.out << "\n";
      const auto& verb = choose_verb(arguments);
      run_verb(verb, arguments, streams);
    }
  }
  streams.out.flush();
  if (!streams.out) fail("standard output: cannot be written");
}

}  // namespace unclip::cli
