#include "cli/completion.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/help.h"

namespace unclip::cli {
namespace {

/// What a flag's value is, as far as a shell can complete it.
enum class ValueKind { kNone, kFile, kFolder, kChoice, kOther };

struct Value {
  ValueKind kind = ValueKind::kOther;
  std::string choices;  // of kChoice, separated by spaces
};

bool takes_file(const std::string& value) {
  for (const auto* word : {"FILE", "WHERE", "MODEL", "NOISE", "EMB"}) {
    if (value.find(word) != value.npos) return true;
  }
  return false;
}

Value value_of(const Flag& flag) {
  if (flag.value.empty()) return {ValueKind::kNone, ""};
  if (flag.name == "dtype") return {ValueKind::kChoice, "float32 bfloat16 float16 auto"};
  if (flag.name == "device") return {ValueKind::kChoice, "cpu cuda"};
  if (flag.name == "preset") return {ValueKind::kChoice, "fast balanced exact"};
  if (flag.value == "DIR") return {ValueKind::kFolder, ""};
  if (takes_file(flag.value)) return {ValueKind::kFile, ""};
  return {ValueKind::kOther, ""};
}

/// The verbs by their first words, each with the flags and second words of all that begin with it.
struct FirstWord {
  std::string name, about;
  Flags flags;
  std::string second_words;  // separated by spaces
};

void add_flags(Flags& flags, const Flags& more) {
  for (const auto& flag : more) {
    if (find_flag(flags, flag.name) == nullptr) flags.push_back(flag);
  }
}

const std::vector<FirstWord>& first_words() {
  static const auto words = [] {
    std::vector<FirstWord> words;
    for (const auto& verb : verbs()) {
      const auto space = verb.name.find(' ');
      if (space == verb.name.npos) {
        words.push_back({verb.name, verb.about, verb.flags, ""});
        continue;
      }
      auto& first = *std::find_if(words.begin(), words.end(), [&](const FirstWord& word) {
        return word.name == verb.name.substr(0, space);
      });
      add_flags(first.flags, verb.flags);
      first.second_words.append(verb.name.substr(space)).erase(0, first.second_words.empty());
    }
    return words;
  }();
  return words;
}

std::string verb_names() {
  std::string names;
  for (const auto& verb : first_words()) names.append(names.empty() ? "" : " ").append(verb.name);
  return names;
}

/// `text` in single quotes, for any of the three shells.
std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string verb_options(const FirstWord& verb) {
  std::string options;
  for (const auto& flag : verb.flags) {
    options.append(options.empty() ? "--" : " --").append(flag.name);
    if (flag.letter != 0) options.append(" -").append(1, flag.letter);
  }
  return options;
}

/// The pattern of a `case` for all flags whose values are of one kind.
std::string bash_pattern(ValueKind kind) {
  std::set<std::string> names;
  for (const auto& verb : first_words()) {
    for (const auto& flag : verb.flags) {
      if (value_of(flag).kind != kind) continue;
      names.insert("--" + flag.name);
      if (flag.letter != 0) names.insert(std::string("-") + flag.letter);
    }
  }
  std::ostringstream pattern;
  for (const auto& name : names) pattern << (name == *names.begin() ? "" : "|") << name;
  return pattern.str();
}

std::string bash() {
  std::ostringstream out;
  out << "# bash completion for unclip, generated from its table of flags\n"
         "_unclip() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local verb=generate i options words\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case ${COMP_WORDS[i]} in\n      ";
  std::string names = verb_names();
  for (auto& c : names) c = c == ' ' ? '|' : c;
  out << names << ") verb=${COMP_WORDS[i]}; break ;;\n    esac\n  done\n"
      << "  case $previous in\n";
  for (const auto& flag : verbs().front().flags) {
    const auto value = value_of(flag);
    if (value.kind != ValueKind::kChoice) continue;
    out << "    --" << flag.name << ") COMPREPLY=($(compgen -W " << shell_quoted(value.choices)
        << " -- \"$word\")); return ;;\n";
  }
  out << "    " << bash_pattern(ValueKind::kFolder)
      << ") COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n    "
      << bash_pattern(ValueKind::kFile) << ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
      << "    " << bash_pattern(ValueKind::kOther) << ") return ;;\n  esac\n  case $verb in\n";
  for (const auto& verb : first_words()) {
    out << "    " << verb.name << ") options=" << shell_quoted(verb_options(verb))
        << " words=" << shell_quoted(verb.second_words) << " ;;\n";
  }
  out << "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
         "  elif ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -f -W "
      << shell_quoted(verb_names())
      << " -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -W \"$words\" -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _unclip unclip\n";
  return out.str();
}

/// A text inside zsh's [brackets] or after its colons.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_argument(const Flag& flag) {
  const auto value = value_of(flag);
  std::ostringstream out;
  out << "*--" << flag.name << "[" << zsh_text(first_clause(flag.help)) << "]";
  if (value.kind != ValueKind::kNone) out << ":" << zsh_text(flag.value) << ":";
  if (value.kind == ValueKind::kFile) out << "_files";
  if (value.kind == ValueKind::kFolder) out << "_files -/";
  if (value.kind == ValueKind::kChoice) out << "(" << value.choices << ")";
  return shell_quoted(out.str());
}

std::string zsh() {
  std::ostringstream out;
  out << "#compdef unclip\n# zsh completion for unclip, generated from its table of flags\n"
         "_unclip() {\n"
         "  local -a commands=(\n";
  for (const auto& verb : first_words()) {
    out << "    " << shell_quoted(verb.name + ":" + zsh_text(verb.about)) << "\n";
  }
  out << "  )\n"
         "  local verb=generate word\n"
         "  for word in ${words[2,CURRENT-1]}; do\n"
         "    if (( ${commands[(I)$word:*]} )); then verb=$word; break; fi\n"
         "  done\n"
         "  if (( CURRENT == 2 )) && [[ $words[CURRENT] != -* ]]; then\n"
         "    _describe command commands\n"
         "  fi\n"
         "  case $verb in\n";
  for (const auto& verb : first_words()) {
    out << "    " << verb.name << ") _arguments";
    for (const auto& flag : verb.flags) out << " \\\n      " << zsh_argument(flag);
    if (!verb.second_words.empty()) out << " \\\n      '1:command:(" << verb.second_words << ")'";
    out << " \\\n      '*:file:_files' ;;\n";
  }
  out << "  esac\n}\n_unclip \"$@\"\n";
  return out.str();
}

std::string fish() {
  std::ostringstream out;
  const auto names = shell_quoted(verb_names());
  out << "# fish completion for unclip, generated from its table of flags\n"
         "function __unclip_verb\n"
         "  for word in (commandline -opc)[2..-1]\n"
         "    if contains -- $word (string split ' ' -- "
      << names << ")\n      echo $word\n      return\n    end\n  end\n  echo generate\nend\n";
  for (const auto& verb : first_words()) {
    out << "complete -c unclip -n __fish_use_subcommand -a " << verb.name << " -d "
        << shell_quoted(verb.about) << "\n";
  }
  for (const auto& verb : first_words()) {
    if (!verb.second_words.empty()) {
      out << "complete -c unclip -n 'test (__unclip_verb) = " << verb.name << "' -a "
          << shell_quoted(verb.second_words) << "\n";
    }
    for (const auto& flag : verb.flags) {
      const auto value = value_of(flag);
      out << "complete -c unclip -n 'test (__unclip_verb) = " << verb.name << "' -l " << flag.name;
      if (flag.letter != 0) out << " -s " << flag.letter;
      if (value.kind == ValueKind::kFile || value.kind == ValueKind::kFolder) out << " -r -F";
      if (value.kind == ValueKind::kOther) out << " -x";
      if (value.kind == ValueKind::kChoice) out << " -x -a " << shell_quoted(value.choices);
      out << " -d " << shell_quoted(first_clause(flag.help)) << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string completion(const std::string& shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  throw UsageError("--generate-completion: expected bash, zsh or fish, got '" + shell + "'");
}

}  // namespace unclip::cli
