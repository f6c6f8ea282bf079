#include "cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <cxxopts.hpp>
#include <sstream>

#include "core/nearest_name.h"

namespace unclip::cli {
namespace {

const Flag* find(const Flags& flags, std::string_view name) {
  const auto is_it = [&](const Flag& flag) {
    return flag.name == name || (name.size() == 1 && flag.letter == name[0]);
  };
  const auto it = std::find_if(flags.begin(), flags.end(), is_it);
  return it == flags.end() ? nullptr : &*it;
}

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

/// "  -n, --count N          pictures of each prompt (default: 1)", in lines of 100 columns.
std::string help_row(const Flag& flag) {
  constexpr size_t kIndent = 28, kWidth = 100;
  std::string row = flag.letter ? std::string("  -") + flag.letter + ", --" : "      --";
  row += flag.name + " " + flag.value;
  if (row.size() >= kIndent) row += "\n";
  const auto line = row.rfind('\n');  // the last one's begin; npos + 1 is 0
  row.resize(line + 1 + kIndent, ' ');
  auto text = flag.help;
  if (!flag.fallback.empty()) text += " (default: " + flag.fallback + ")";
  std::istringstream words(text);
  size_t column = kIndent;
  for (std::string word; words >> word; column += word.size() + 1) {
    if (column + word.size() > kWidth) {
      row.back() = '\n';
      row += std::string(kIndent, ' ');
      column = kIndent;
    }
    row += word + " ";
  }
  row.back() = '\n';
  return row;
}

std::string unknown_option(const Flags& flags, const std::string& name) {
  if (name.size() == 1) return "-" + name + ": there is no such option; see unclip --help";
  const auto distance = [&](const Flag& flag) {
    const bool part = name.size() > 2 && flag.name.find(name) != flag.name.npos;
    return part ? 0 : edit_distance(name, flag.name);
  };
  const auto nearest =
      std::min_element(flags.begin(), flags.end(),
                       [&](const Flag& a, const Flag& b) { return distance(a) < distance(b); });
  const bool near = distance(*nearest) <= std::max<size_t>(2, name.size() / 3);
  return "--" + name + ": there is no such option; " +
         (near ? "did you mean --" + nearest->name + "?" : "see unclip --help");
}

/// The name that cxxopts' message has in quotes.
std::string quoted(const std::string& message) {
  const auto begin = message.find(cxxopts::LQUOTE) + cxxopts::LQUOTE.size();
  return message.substr(begin, message.find(cxxopts::RQUOTE, begin) - begin);
}

std::string missing_value(const Flags& flags, const std::string& name) {
  const auto* flag = find(flags, name);
  return "--" + flag->name + " has no value; " + flag->value + " is wanted";
}

template <class T>
std::optional<T> number_in(const std::string& text) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

/// `--text a b -q` with a list flag `text` -> `--text a --text b -q`, which cxxopts understands.
std::vector<std::string> with_lists_spelled_out(const Flags& flags,
                                                const std::vector<std::string>& arguments) {
  std::vector<std::string> result;
  const std::string* list = nullptr;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (argument == "--") {
      result.insert(result.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.end());
      break;
    }
    if (argument.starts_with("-") && argument != "-") {
      const auto* flag = argument.starts_with("--") ? find(flags, argument.substr(2)) : nullptr;
      list = flag != nullptr && flag->list ? &argument : nullptr;
      if (list == nullptr) result.push_back(argument);
      const bool has_words = i + 1 < arguments.size() && !arguments[i + 1].starts_with("-");
      if (list != nullptr && !has_words) result.push_back(argument);  // cxxopts tells what it lacks
    } else {
      if (list != nullptr) result.push_back(*list);
      result.push_back(argument);
    }
  }
  return result;
}

}  // namespace

const Flags& common_flags() {
  static const Flags flags = {
      {"model", 'm', "DIR", "", "model folder (default: $UNCLIP_MODEL, else the shipped one)",
       "Model"},
      {"dtype", 0, "TYPE", "float32",
       "numbers to compute in: float32, bfloat16, float16, or auto: bfloat16 where the machine "
       "multiplies it by instructions of its own, else float32",
       "Model"},
      {"output", 'o', "WHERE", "",
       "FILE, DIR or PATTERN with {i} and {seed}; an existing folder, or a name that ends in /, is "
       "a DIR (default: ./unclip-{seed}.png)",
       "Output"},
      {"overwrite", 0, "", "", "replace a file of that name; else it gets the next number, -1, -2",
       "Output"},
      {"json", 0, "", "", "print JSON, one object a line, in place of the paths", "Output"},
      {"quiet", 'q', "", "", "tell nothing but errors on standard error", "Output"},
      {"seed", 's', "S", "",
       "0 ... 2^63-1; picture i of a run is painted from S + i (default: random, and shown)",
       "Picture"},
      {"device", 0, "DEVICE", "cpu", "cpu, cuda or cuda:K", "Machine"},
      {"threads", 0, "N", "", "threads to compute with (default: as many as there are cores)",
       "Machine"},
      {"help", 'h', "", "", "show this", "Other"},
      {"version", 0, "", "", "show the versions of unclip and libtorch", "Other"}};
  return flags;
}

Flags with_common_flags(Flags own) {
  for (const auto& flag : common_flags()) {
    if (find(own, flag.name) == nullptr) own.push_back(flag);
  }
  return own;
}

Flag output_flag(const std::string& help) { return {"output", 'o', "FILE", "", help, "Output"}; }

Flag unused_seed_flag() {
  return {"seed", 's', "S", "", "taken as by every verb; nothing is drawn here", "Other"};
}

const Flag& part_flag() {
  static const Flag flag = {
      "part",
      0,
      "NAME=DIR",
      "",
      "take a part from elsewhere: its own folder, or a model folder that has it; may be repeated",
      "Model"};
  return flag;
}

std::string flags_help(const Flags& flags) {
  std::string help;
  for (const auto* group : {"Input", "Axes", "Show", "Measure", "Comparison", "Picture", "Sampling",
                            "Output", "Model", "Machine", "Other"}) {
    std::string rows;
    for (const auto& flag : flags) {
      if (flag.group == group) rows += help_row(flag);
    }
    if (!rows.empty()) help += "\n" + std::string(group) + ":\n" + rows;
  }
  return help;
}

namespace {

/// As a shell takes it: in quotes unless it is plain.
std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_-./:,=+@%{}", c) != nullptr;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

Arguments Arguments::parse(const Flags& flags, const std::vector<std::string>& arguments) {
  std::vector<const char*> argv = {"unclip"};
  const auto spelled_out = with_lists_spelled_out(flags, arguments);
  for (const auto& argument : spelled_out) argv.push_back(argument.c_str());
  Arguments parsed;
  for (const auto& argument : arguments) {
    parsed.command_.append(parsed.command_.empty() ? "" : " ").append(shell_word(argument));
  }
  for (const auto& flag : flags) parsed.fallbacks_[flag.name] = flag.fallback;
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
    throw UsageError(quoted(e.what()) + ": is no option that can be read; see unclip --help");
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
  const auto value = number_in<int64_t>(text(flag));
  if (!value || *value < least || *value > most) {
    refuse(flag, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return *value;
}

std::vector<int64_t> Arguments::integers(const std::string& flag, int64_t least,
                                         int64_t most) const {
  std::vector<int64_t> values;
  std::istringstream rest(text(flag) + ",");
  for (std::string part; std::getline(rest, part, ',');) {
    const auto value = number_in<int64_t>(part);
    if (!value || *value < least || *value > most) {
      refuse(flag, "whole numbers from " + std::to_string(least) + " to " + std::to_string(most) +
                       " with commas between them");
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
  const auto value = number_in<double>(text(flag));
  if (!value || !std::isfinite(*value) || *value < 0) refuse(flag, "a finite number >= 0");
  return value;
}

std::vector<double> Arguments::numbers(const std::string& flag, std::string_view between,
                                       const std::string& wanted) const {
  const auto all = text(flag);
  std::vector<double> result;
  for (size_t begin = 0, end = 0; end != all.npos; begin = end + between.size()) {
    end = all.find(between, begin);
    const auto value = number_in<double>(all.substr(begin, end - begin));
    if (!value || !std::isfinite(*value) || *value < 0) refuse(flag, wanted);
    result.push_back(*value);
  }
  return result;
}

void Arguments::refuse(const std::string& flag, const std::string& wanted) const {
  throw UsageError("--" + flag + " is '" + text(flag) + "'; " + wanted + " is wanted");
}

size_t first_word(const Flags& flags, const std::vector<std::string>& arguments) {
  const auto takes_value = [&](std::string_view name) {
    const auto* flag = find(flags, name);
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
