#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip::cli {

/// Wrong usage. The message is one line that names the flag, what was found and what was wanted.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One row of a table of flags: the parser and --help know a flag from its row alone.
struct Flag {
  std::string name;
  char letter = 0;       ///< 0: none
  std::string value;     ///< what stands for its value in --help; empty: it is a switch
  std::string fallback;  ///< the value where it is not given; empty: there is none
  std::string help;
  std::string group;
  bool list = false;  ///< takes every word up to the next option, and may be repeated
};
using Flags = std::vector<Flag>;

/// The flags that every verb takes.
const Flags& common_flags();
/// A verb's own flags, then the common ones. Its own row of a common flag's name takes that one's
/// place: the flag is the same, its help is the verb's.
Flags with_common_flags(Flags own);
/// --output of a verb that writes one file, and --seed of one that draws nothing.
Flag output_flag(const std::string& help);
Flag unused_seed_flag();
/// For a table of a verb whose model may borrow parts.
const Flag& part_flag();

/// The options' part of --help, group by group.
std::string flags_help(const Flags& flags);

/// A command line behind its verb, taken apart. A flag that is asked for stands in the table.
class Arguments {
 public:
  /// Throws UsageError for an option that is not in the table, or lacks its value.
  static Arguments parse(const Flags& flags, const std::vector<std::string>& arguments);

  /// All that was given, as a shell would take it again.
  const std::string& command() const { return command_; }
  /// What is no option, in order; behind `--` everything.
  const std::vector<std::string>& words() const { return words_; }

  /// Does the flag stand in the verb's table?
  bool knows(const std::string& flag) const { return fallbacks_.contains(flag); }
  bool given(const std::string& flag) const { return values_.contains(flag); }
  bool on(const std::string& a_switch) const;
  /// The last value that was given, else the flag's fallback.
  std::string text(const std::string& flag) const;
  /// All values that were given, in order.
  std::vector<std::string> texts(const std::string& flag) const;

  /// The functions below throw UsageError where the value is not as they want it.
  int64_t integer(const std::string& flag, int64_t least, int64_t most) const;
  std::optional<int64_t> integer_if_given(const std::string& flag, int64_t least,
                                          int64_t most) const;
  /// Whole numbers with commas between them.
  std::vector<int64_t> integers(const std::string& flag, int64_t least, int64_t most) const;
  /// A finite number >= 0.
  std::optional<double> number_if_given(const std::string& flag) const;
  /// Finite numbers >= 0 with `between` between them, as in "0.5,2"; else it refuses.
  std::vector<double> numbers(const std::string& flag, std::string_view between,
                              const std::string& wanted) const;

  template <class T>
  T choice(const std::string& flag,
           std::initializer_list<std::pair<std::string_view, T>> choices) const {
    std::string wanted;
    for (const auto& [name, value] : choices) {
      if (text(flag) == name) return value;
      wanted += (wanted.empty() ? "" : ", ") + std::string(name);
    }
    refuse(flag, "one of " + wanted);
  }

  /// Throws the UsageError for a value that is not `wanted`.
  [[noreturn]] void refuse(const std::string& flag, const std::string& wanted) const;

 private:
  std::string command_;
  std::vector<std::string> words_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> fallbacks_;
};

/// Where in `arguments` the first word stands that is neither an option nor an option's value;
/// arguments.size() where there is none before `--`.
size_t first_word(const Flags& flags, const std::vector<std::string>& arguments);

}  // namespace unclip::cli
