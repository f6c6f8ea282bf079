#include "cli/help.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "cli/find_model.h"
#include "cli/version.h"
#include "families/registry.h"

namespace unclip::cli {
namespace {

struct Section {
  std::string title;
  std::vector<std::string> verbs;
};

const std::vector<Section>& sections() {
  static const std::vector<Section> sections = {
      {"Make images", {"generate", "vary", "mix", "diff", "replay"}},
      {"Work with embeddings", {"encode", "prior", "decode", "invert", "rank", "index", "search"}},
      {"Study sampling", {"schedule", "sweep", "bench"}},
      {"Models and help", {"models", "pull", "info", "convert", "help", "version"}}};
  return sections;
}

constexpr char kNoBreak = '\x1f';  // a space at which no line ends

/// `text` in lines of at most `width` columns, the second and later ones behind `indent` spaces.
/// The first line begins at column `indent`.
std::string wrapped(const std::string& text, size_t indent, size_t width) {
  std::string result;
  size_t column = indent;
  std::istringstream words(text);
  for (std::string word; words >> word; column += word.size() + 1) {
    if (column > indent && column + word.size() > width) {
      result.back() = '\n';
      result += std::string(indent, ' ');
      column = indent;
    }
    result += word + " ";
  }
  if (!result.empty()) result.pop_back();
  std::replace(result.begin(), result.end(), kNoBreak, ' ');
  return result;
}

/// "  -n, --count N             images of each prompt (default: 1)"
std::string help_row(const Flag& flag, const std::string& text, size_t width) {
  constexpr size_t kIndent = 28;
  std::string row = flag.letter ? std::string("  -") + flag.letter + ", --" : "      --";
  row += flag.name + (flag.value.empty() ? "" : " " + flag.value);
  if (row.size() + 2 > kIndent) row += "\n";
  const auto line = row.rfind('\n');  // where the last line begins; npos + 1 is 0
  row.resize(line + 1 + kIndent, ' ');
  return row + wrapped(text, kIndent, width) + "\n";
}

std::string with_default(std::string text, const Flag& flag,
                         const std::optional<ModelDefaults>& model) {
  const auto value = default_text(flag, model);
  if (!value.empty()) text.append(" (default:").append(1, kNoBreak).append(value).append(")");
  return text;
}

}  // namespace

const char* const kExitStatuses =
    "0 done; 1 an error that you can repair; 2 wrong usage; 129, 130 or 143 stopped by SIGHUP, "
    "SIGINT (Ctrl-C) or SIGTERM";

std::string first_clause(const std::string& text) { return text.substr(0, text.find("; ")); }

std::optional<ModelDefaults> defaults_for_help(const std::string& model) {
  try {
    return open_model_dir(find_model(model)).defaults();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string default_text(const Flag& flag, const std::optional<ModelDefaults>& model) {
  if (!flag.model_default) return flag.fallback;
  return model ? flag.model_default(*model) : "the model's";
}

std::vector<std::string> flag_groups(const Flags& flags) {
  std::vector<std::string> groups;
  for (const auto* first : {"Input", "Axes", "Show", "Measure", "Comparison", "Graph", "Image",
                            "Sampling", "Output", "Model", "Machine", "Other"}) {
    groups.push_back(first);
  }
  for (const auto& flag : flags) {
    const auto at = std::find(groups.begin(), groups.end(), flag.group);
    if (at == groups.end()) groups.insert(groups.begin(), flag.group);
  }
  std::erase_if(groups, [&](const std::string& group) {
    return std::none_of(flags.begin(), flags.end(),
                        [&](const Flag& flag) { return flag.group == group; });
  });
  return groups;
}

std::string usage(const Verb& verb) {
  const bool first = &verb == &verbs().front();
  std::string text = "unclip " + (first ? "[" + verb.name + "]" : verb.name);
  if (!verb.words.empty()) text += " " + verb.words;
  return text + " [options]";
}

std::string overview() {
  std::ostringstream out;
  out << "unclip " << kVersion << ": images from prompts in the way of DALL-E 2\n\n"
      << "Usage: unclip [COMMAND] ... [options]\n"
      << "       unclip \"a red ball left of a green cone\"\n";
  for (const auto& section : sections()) {
    out << "\n" << section.title << ":\n";
    for (const auto& verb : verbs()) {
      const auto& names = section.verbs;
      if (std::find(names.begin(), names.end(), verb.name) == names.end()) continue;
      constexpr size_t kIndent = 13;
      std::string row = "  " + verb.name;
      row.resize(kIndent, ' ');
      out << row << wrapped(verb.about, kIndent, 80) << "\n";
    }
  }
  out << "\n`unclip COMMAND -h` shows a command's main options, --help all of them.\n";
  return out.str();
}

std::string short_help(const Verb& verb, const std::optional<ModelDefaults>& model) {
  std::ostringstream out;
  out << verb.about << "\n\nUsage: " << wrapped(usage(verb), 7, 80) << "\n\n";
  for (const auto& flag : verb.flags) {
    if (flag.advanced) continue;
    out << help_row(flag, with_default(first_clause(flag.help), flag, model), 80);
  }
  out << "\n`unclip " << verb.name << " --help` shows all options, with examples.\n";
  return out.str();
}

std::string long_help(const Verb& verb, const std::optional<ModelDefaults>& model) {
  std::ostringstream out;
  out << verb.about << "\n\nUsage: " << usage(verb) << "\n";
  for (const auto& group : flag_groups(verb.flags)) {
    out << "\n" << group << ":\n";
    for (const auto& flag : verb.flags) {
      if (flag.group == group) out << help_row(flag, with_default(flag.help, flag, model), 100);
    }
  }
  if (!verb.examples.empty()) out << "\nExamples:\n" << verb.examples;
  out << "\nExit status:\n  " << wrapped(kExitStatuses, 2, 100) << "\n";
  return out.str();
}

}  // namespace unclip::cli
