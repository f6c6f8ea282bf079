#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip {
struct ModelDefaults;
}  // namespace unclip

namespace unclip::cli {

/// Wrong usage. The message is one line that names the flag, what was expected and what was found.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One row of a table of flags. The parser, the help, the completions and the man pages are made
/// from these rows.
struct Flag {
  std::string name;
  char letter = 0;       ///< 0: the flag has no letter
  std::string value;     ///< the placeholder of its value in the help; empty: the flag is a switch
  std::string fallback;  ///< the value if the flag is not given; empty: there is none
  std::string help;      ///< the first clause, up to "; ", is all that -h shows
  std::string group;
  bool list = false;      ///< takes all words up to the next option, and may be repeated
  bool advanced = false;  ///< --help shows it, -h does not
  /// The flag's default if it belongs to the model; empty: it does not.
  std::function<std::string(const ModelDefaults& model)> model_default = {};
};
using Flags = std::vector<Flag>;

/// The flags that most verbs take.
const Flags& common_flags();
/// A verb's own flags, then the common ones except `without`. A row of the verb's own replaces the
/// common row of the same name.
Flags with_common_flags(Flags own, std::initializer_list<std::string_view> without = {});
/// --output of a verb that writes one file.
Flag output_flag(const std::string& help);
/// For the table of a verb whose model may borrow parts.
const Flag& part_flag();
/// `flags`, shown by --help only.
Flags advanced(Flags flags);
/// The row with this name, or with this letter if `name` is one character; null if there is none.
const Flag* find_flag(const Flags& flags, std::string_view name);

/// Which help the command line asks for: -h the short one, --help the long one.
enum class HelpRequest { kNone, kShort, kLong };

/// The command line after its verb, parsed. Every flag that is asked for is in the table.
class Arguments {
 public:
  /// Throws UsageError for an option that is not in the table, or lacks its value.
  static Arguments parse(const Flags& flags, const std::vector<std::string>& arguments);

  /// Everything that was given, quoted for a shell.
  const std::string& command() const { return command_; }
  /// Everything that is not an option, in order; after `--` everything.
  const std::vector<std::string>& words() const { return words_; }
  HelpRequest help_request() const { return help_request_; }

  /// Whether the flag is in the verb's table.
  bool knows(const std::string& flag) const { return fallbacks_.contains(flag); }
  bool given(const std::string& flag) const { return values_.contains(flag); }
  bool on(const std::string& a_switch) const;
  /// The last value that was given; if there is none, the flag's fallback.
  std::string text(const std::string& flag) const;
  /// All values that were given, in order.
  std::vector<std::string> texts(const std::string& flag) const;

  /// The functions below throw UsageError if the value is not what they expect.
  int64_t integer(const std::string& flag, int64_t least, int64_t most) const;
  std::optional<int64_t> integer_if_given(const std::string& flag, int64_t least,
                                          int64_t most) const;
  /// An integer from 0 to 2^64 - 1.
  uint64_t unsigned_integer(const std::string& flag) const;
  /// Integers separated by commas.
  std::vector<int64_t> integers(const std::string& flag, int64_t least, int64_t most) const;
  /// A finite number >= 0.
  std::optional<double> number_if_given(const std::string& flag) const;
  /// Finite numbers >= 0 separated by `separator`, as in "0.5,2". `expected` describes them in the
  /// error.
  std::vector<double> numbers(const std::string& flag, std::string_view separator,
                              const std::string& expected) const;

  template <class T>
  T choice(const std::string& flag,
           std::initializer_list<std::pair<std::string_view, T>> choices) const {
    std::string names;
    for (const auto& [name, value] : choices) {
      if (text(flag) == name) return value;
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    refuse(flag, "one of " + names);
  }

  /// Throws UsageError "--flag: expected <expected>, got '<its value>'".
  [[noreturn]] void refuse(const std::string& flag, const std::string& expected) const;

 private:
  std::string command_;
  std::vector<std::string> words_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> fallbacks_;
  HelpRequest help_request_ = HelpRequest::kNone;
};

/// `text` quoted for a shell, unless it is plain.
std::string shell_word(const std::string& text);

/// The index in `arguments` of the first word that is neither an option nor an option's value;
/// arguments.size() if there is none before `--`.
size_t first_word(const Flags& flags, const std::vector<std::string>& arguments);

}  // namespace unclip::cli
