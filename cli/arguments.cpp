#include "cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <cxxopts.hpp>
#include <sstream>

#include "base/nearest_name.h"
#include "base/parse_number.h"
#include "cli/foreign_names.h"

namespace unclip::cli {
namespace {

cxxopts::Options cxxopts_for(const Flags& flags) {
  cxxopts::Options options("unclip");
  for (const auto& flag : flags) {
    const auto names = flag.letter ? std::string(1, flag.letter) + "," + flag.name : flag.name;
    auto adder = options.add_options();
    if (flag.value.empty()) {
      adder(names, "");
    } else {
      adder(names, "", cxxopts::value<std::string>());
    }
  }
  return options;
}

std::string unknown_option(const Flags& flags, const std::string& name) {
  const auto given = (name.size() == 1 ? "-" : "--") + name;
  if (const auto ours = foreign_option(flags, name); !ours.empty()) {
    return given + ": no such option; " + ours;
  }
  if (name.size() == 1) return given + ": no such option; see unclip --help";
  const auto distance = [&](const Flag& flag) {
    const bool part = name.size() > 2 && flag.name.find(name) != flag.name.npos;
    return part ? 0 : edit_distance(name, flag.name);
  };
  const auto nearest =
      std::min_element(flags.begin(), flags.end(),
                       [&](const Flag& a, const Flag& b) { return distance(a) < distance(b); });
  const bool near = distance(*nearest) <= std::max<size_t>(2, name.size() / 3);
  return given + ": no such option; " +
         (near ? "did you mean --" + nearest->name + "?" : "see unclip --help");
}

/// The name that is quoted in a message of cxxopts.
std::string quoted(const std::string& message) {
  const auto begin = message.find(cxxopts::LQUOTE) + cxxopts::LQUOTE.size();
  return message.substr(begin, message.find(cxxopts::RQUOTE, begin) - begin);
}

std::string missing_value(const Flags& flags, const std::string& name) {
  const auto* flag = find_flag(flags, name);
  return "--" + flag->name + ": expected a value, " + flag->value;
}

/// -h or --help, whichever comes last before `--`.
HelpRequest help_in(const std::vector<std::string>& arguments) {
  auto request = HelpRequest::kNone;
  for (const auto& argument : arguments) {
    if (argument == "--") break;
    if (argument == "-h") request = HelpRequest::kShort;
    if (argument == "--help") request = HelpRequest::kLong;
  }
  return request;
}

/// The list flag that `argument` begins, as `--text` or `--text=a`; nullptr if it begins none.
const Flag* list_flag(const Flags& flags, const std::string& argument) {
  if (!argument.starts_with("--")) return nullptr;
  const auto* flag = find_flag(flags, std::string_view(argument).substr(2, argument.find('=') - 2));
  return flag != nullptr && flag->list ? flag : nullptr;
}

/// `--text a b -q` and `--text=a b -q` with a list flag `text` -> `--text a --text b -q`, which
/// cxxopts understands. Throws UsageError for a list without a word.
std::vector<std::string> with_lists_spelled_out(const Flags& flags,
                                                const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  const Flag* list = nullptr;
  const auto is_word = [](const std::string& argument) {
    return !argument.starts_with("-") || argument == "-";
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (argument == "--") {
      result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.end());
      break;
    }
    if (is_word(argument)) {
      if (list != nullptr) result.push_back("--" + list->name);
      result.push_back(argument);
      continue;
    }
    list = list_flag(flags, argument);
    const bool has_value = argument.find('=') != argument.npos;
    if (list == nullptr || has_value) result.push_back(argument);
    const bool has_words = i + 1 < arguments.size() && is_word(arguments[i + 1]);
    if (list != nullptr && !has_value && !has_words) {
      throw UsageError(missing_value(flags, list->name));
    }
  }
  return result;
}

}  // namespace

const Flag* find_flag(const Flags& flags, std::string_view name) {
  const auto matches = [&](const Flag& flag) {
    return flag.name == name || (name.size() == 1 && flag.letter == name[0]);
  };
  const auto it = std::find_if(flags.begin(), flags.end(), matches);
  return it == flags.end() ? nullptr : &*it;
}

const Flags& common_flags() {
  static const Flags flags = {
      {"model", 'm', "MODEL", "",
       "a folder, a shipped model's name or owner/name (default: $UNCLIP_MODEL, else the shipped "
       "model)",
       "Model"},
      {"dtype", 0, "TYPE", "float32",
       "type to compute in: float32, bfloat16, float16 or auto; auto is bfloat16 if the processor "
       "multiplies it, else float32",
       "Model", false, true},
      {"output", 'o', "WHERE", "",
       "a file, a folder or a pattern (default: ./unclip-{seed}.png); a pattern has {i}, {seed}, "
       "{prompt} or {model} in it; an existing folder, or a name that ends in /, is a folder; - is "
       "standard "
       "output",
       "Output"},
      {"overwrite", 0, "", "",
       "replace existing files; without it, a new file gets the next free name: x-1.png, x-2.png",
       "Output", false, true},
      {"json", 0, "", "", "print JSON instead of paths, one object a line", "Output", false, true},
      {"quiet", 'q', "", "", "print only errors on standard error", "Output", false, true},
      {"seed", 's', "S", "",
       "seed of the first image (default: random, and printed); 0 to 2^64-1; image i has seed S + "
       "i; -1 or random also draws one",
       "Image"},
      {"device", 0, "DEVICE", "cpu", "cpu, cuda or cuda:K", "Machine", false, true},
      {"threads", 0, "N", "", "number of threads (default: one a core)", "Machine", false, true},
      {"help", 'h', "", "", "print help; -h prints the short one", "Other"},
      {"version", 0, "", "", "print the versions of unclip and libtorch", "Other", false, true}};
  return flags;
}

Flags with_common_flags(Flags own, std::initializer_list<std::string_view> without) {
  for (const auto& flag : common_flags()) {
    const bool left_out = std::find(without.begin(), without.end(), flag.name) != without.end();
    if (!left_out && find_flag(own, flag.name) == nullptr) own.push_back(flag);
  }
  return own;
}

Flag output_flag(const std::string& help) { return {"output", 'o', "FILE", "", help, "Output"}; }

const Flag& part_flag() {
  static const Flag flag = {
      "part",
      0,
      "NAME=DIR",
      "",
      "take a part from elsewhere: its own folder, or a model folder that has it; may be repeated",
      "Model",
      false,
      true};
  return flag;
}

Flags advanced(Flags flags) {
  for (auto& flag : flags) flag.advanced = true;
  return flags;
}

std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_-./:,=+@%{}", c) != nullptr;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Arguments Arguments::parse(const Flags& flags, const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"unclip"};
  const auto spelled_out = with_lists_spelled_out(flags, arguments);
  for (const auto& argument : spelled_out) argv.push_back(argument.c_str());
  Arguments parsed;
  for (const auto& argument : arguments) {
    parsed.command_.append(parsed.command_.empty() ? "" : " ").append(shell_word(argument));
  }
  for (const auto& flag : flags) parsed.fallbacks_[flag.name] = flag.fallback;
  parsed.help_request_ = help_in(arguments);
  try {
    const auto result = cxxopts_for(flags).parse(static_cast<int>(argv.size()), argv.data());
    for (const auto& given : result.arguments()) {
      parsed.values_[given.key()].push_back(given.value());
    }
    parsed.words_ = result.unmatched();
  } catch (const cxxopts::exceptions::no_such_option& e) {
    throw UsageError(unknown_option(flags, quoted(e.what())));
  } catch (const cxxopts::exceptions::missing_argument& e) {
    throw UsageError(missing_value(flags, quoted(e.what())));
  } catch (const cxxopts::exceptions::parsing& e) {
    throw UsageError(quoted(e.what()) + ": not a valid option; see unclip --help");
  }
  return parsed;
}

bool Arguments::on(const std::string& a_switch) const { return text(a_switch) == "true"; }

std::string Arguments::text(const std::string& flag) const {
  return given(flag) ? values_.at(flag).back() : fallbacks_.at(flag);
}

std::vector<std::string> Arguments::texts(const std::string& flag) const {
  return given(flag) ? values_.at(flag) : std::vector<std::string>();
}

int64_t Arguments::integer(const std::string& flag, int64_t least, int64_t most) const {
  const auto value = parse_number<int64_t>(text(flag));
  if (!value || *value < least || *value > most) {
    refuse(flag, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return *value;
}

uint64_t Arguments::unsigned_integer(const std::string& flag) const {
  const auto value = parse_number<uint64_t>(text(flag));
  if (!value) refuse(flag, "an integer from 0 to 18446744073709551615");
  return *value;
}

std::vector<int64_t> Arguments::integers(const std::string& flag, int64_t least,
                                         int64_t most) const {
  std::vector<int64_t> values;
  std::istringstream rest(text(flag) + ",");
  for (std::string part; std::getline(rest, part, ',');) {
    const auto value = parse_number<int64_t>(part);
    if (!value || *value < least || *value > most) {
      refuse(flag, "integers from " + std::to_string(least) + " to " + std::to_string(most) +
                       ", separated by commas");
    }
    values.push_back(*value);
  }
  return values;
}

std::optional<int64_t> Arguments::integer_if_given(const std::string& flag, int64_t least,
                                                   int64_t most) const {
  if (!given(flag)) return std::nullopt;
  return integer(flag, least, most);
}

std::optional<double> Arguments::number_if_given(const std::string& flag) const {
  if (!given(flag)) return std::nullopt;
  const auto value = parse_number<double>(text(flag));
  if (!value || !std::isfinite(*value) || *value < 0) refuse(flag, "a finite number >= 0");
  return value;
}

std::vector<double> Arguments::numbers(const std::string& flag, std::string_view separator,
                                       const std::string& expected) const {
  const auto all = text(flag);
  std::vector<double> result;
  for (size_t begin = 0, end = 0; end != all.npos; begin = end + separator.size()) {
    end = all.find(separator, begin);
    const auto value = parse_number<double>(all.substr(begin, end - begin));
    if (!value || !std::isfinite(*value) || *value < 0) refuse(flag, expected);
    result.push_back(*value);
  }
  return result;
}

void Arguments::refuse(const std::string& flag, const std::string& expected) const {
  throw UsageError("--" + flag + ": expected " + expected + ", got '" + text(flag) + "'");
}

size_t first_word(const Flags& flags, const std::vector<std::string>& arguments) {
  const auto takes_value = [&](std::string_view name) {
    const auto* flag = find_flag(flags, name);
    return flag != nullptr && !flag->value.empty();
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") break;
    if (!argument.starts_with("-") || argument == "-") return i;
    if (argument.starts_with("--")) {
      if (takes_value(argument.substr(2))) ++i;
      continue;
    }
    // -qn 4: the first letter that takes a value takes the rest, or else the next argument.
    for (size_t k = 1; k < argument.size(); ++k) {
      if (!takes_value(argument.substr(k, 1))) continue;
      if (k + 1 == argument.size()) ++i;
      break;
    }
  }
  return arguments.size();
}

}  // namespace unclip::cli
