#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

/// A sampler's own options, as text. The sampler reads each option that it knows by name, default
/// and range. An option that was given and never read is an error; the help lists the options that
/// were read.
class SamplerOptions {
 public:
  /// An option that the sampler has read.
  struct Known {
    std::string name, fallback, expected;
  };

  SamplerOptions(std::string sampler, std::map<std::string, std::string> given);

  /// Each of these reads an option, and throws Error that names the sampler, the option, what was
  /// expected and what was given.
  double number(const std::string& name, double fallback, double least, double most);
  int64_t integer(const std::string& name, int64_t fallback, int64_t least, int64_t most);
  bool flag(const std::string& name, bool fallback);
  /// The index of the given name in `names`; 0 if the option is not given.
  size_t choice(const std::string& name, const std::vector<std::string>& names);

  /// Throws Error if an option was given that none of the functions above has read.
  void expect_all_known() const;
  const std::vector<Known>& known() const { return known_; }

 private:
  const std::string* find(const std::string& name, std::string fallback, std::string expected);
  /// For a message: the key that was probably meant, and all keys that exist.
  std::string keys_hint(const std::string& name) const;
  [[noreturn]] void refuse(const std::string& name) const;

  std::string sampler_;
  std::map<std::string, std::string> given_;
  std::vector<Known> known_;
};

/// The shortest text that is parsed back to the same number.
std::string number_text(double value);

}  // namespace unclip
