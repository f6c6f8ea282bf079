#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

/// A sampler's own options, as text. A sampler's file asks for each that it knows, by name, default
/// and range. An option that it did not ask for is an error; those that it asked for are listed by
/// the help.
class SamplerOptions {
 public:
  /// An option that was asked for.
  struct Known {
    std::string name, fallback, expected;
  };

  SamplerOptions(std::string sampler, std::map<std::string, std::string> given);

  /// Each throws Error that names sampler, option, what was expected and what was given.
  double number(const std::string& name, double fallback, double least, double most);
  int64_t integer(const std::string& name, int64_t fallback, int64_t least, int64_t most);
  bool flag(const std::string& name, bool fallback);
  /// One of the names, the first if none is given; returns its place among them.
  size_t choice(const std::string& name, const std::vector<std::string>& names);

  /// Throws Error if an option was given that nothing above asked for.
  void expect_all_known() const;
  const std::vector<Known>& known() const { return known_; }

 private:
  const std::string* find(const std::string& name, std::string fallback, std::string expected);
  /// The key that was meant, and all that there are.
  std::string keys_hint(const std::string& name) const;
  [[noreturn]] void refuse(const std::string& name) const;

  std::string sampler_;
  std::map<std::string, std::string> given_;
  std::vector<Known> known_;
};

/// The shortest text that reads back as the same number.
std::string number_text(double value);

}  // namespace unclip
