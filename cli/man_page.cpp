#include "cli/man_page.h"

#include <algorithm>
#include <sstream>

#include "cli/help.h"
#include "cli/version.h"

namespace unclip::cli {
namespace {

/// `text` with the characters that troff interprets escaped.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  const bool is_request = !result.empty() && (result[0] == '.' || result[0] == '\'');
  return is_request ? "\\&" + result : result;
}

std::string title(const std::string& name, const std::string& about) {
  std::ostringstream out;
  out << ".TH " << name << " 1 \"\" \"unclip " << kVersion << "\" \"User Commands\"\n.SH NAME\n"
      << escaped(name) << " \\- " << escaped(about) << "\n";
  return out.str();
}

/// "unclip-schedule-list"
std::string page_name(const Verb& verb) {
  auto name = "unclip-" + verb.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string flag_entry(const Flag& flag) {
  std::ostringstream out;
  out << ".TP\n";
  if (flag.letter != 0) out << "\\fB\\-" << flag.letter << "\\fR, ";
  out << "\\fB" << escaped("--" + flag.name) << "\\fR";
  if (!flag.value.empty()) out << " \\fI" << escaped(flag.value) << "\\fR";
  const auto value = default_text(flag, std::nullopt);
  out << "\n" << escaped(flag.help);
  if (!value.empty()) out << " (default: " << escaped(value) << ")";
  out << "\n";
  return out.str();
}

std::string verb_page(const Verb& verb) {
  std::ostringstream out;
  out << title(page_name(verb), verb.about) << ".SH SYNOPSIS\n" << escaped(usage(verb));
  out << "\n.SH OPTIONS\n";
  for (const auto& group : flag_groups(verb.flags)) {
    out << ".SS " << group << "\n";
    for (const auto& flag : verb.flags) {
      if (flag.group == group) out << flag_entry(flag);
    }
  }
  if (!verb.examples.empty()) out << ".SH EXAMPLES\n.nf\n" << escaped(verb.examples) << ".fi\n";
  out << ".SH EXIT STATUS\n" << escaped(kExitStatuses) << ".\n.SH SEE ALSO\n\\fBunclip\\fR(1)\n";
  return out.str();
}

std::string program_page() {
  std::ostringstream out;
  out << title("unclip", "images from prompts in the way of DALL-E 2")
      << ".SH SYNOPSIS\nunclip [COMMAND] ... [options]\n.SH COMMANDS\n";
  for (const auto& verb : verbs()) {
    out << ".TP\n\\fB" << escaped(page_name(verb)) << "\\fR(1)\n" << escaped(verb.about) << "\n";
  }
  out << ".SH ENVIRONMENT\n"
         ".TP\nUNCLIP_MODEL\nThe model that is used if \\-\\-model is not given.\n"
         ".TP\nHF_HUB_CACHE, HF_HOME\nWhere models named owner/name are looked for, and put.\n"
         ".TP\nHF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE\nThe hub that models are pulled from, the "
         "user's token for it, and whether it may not be asked.\n"
         ".TP\nOMP_NUM_THREADS, OMP_WAIT_POLICY, GOMP_SPINCOUNT\nRead by the OpenMP library; "
         "unclip leaves them alone.\n"
      << ".SH EXIT STATUS\n"
      << escaped(kExitStatuses) << ".\n";
  return out.str();
}

}  // namespace

std::string man_page(const std::string& name) {
  if (name.empty()) return program_page();
  for (const auto& verb : verbs()) {
    if (verb.name == name) return verb_page(verb);
  }
  throw UsageError("--generate-man: '" + name + "' is not a command");
}

}  // namespace unclip::cli
