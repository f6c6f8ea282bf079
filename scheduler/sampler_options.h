#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

/// A sampler's own options, as text: a sampler's file asks for what it knows, by name, default and
/// range. What it did not ask for is then an error, and what it asked for is what the help lists.
class SamplerOptions {
 public:
  /// What can be said of one.
  struct Known {
    std::string name, otherwise, wanted;
  };

  SamplerOptions(std::string sampler, std::map<std::string, std::string> given);

  /// Each throws Error that tells sampler, name, what was given and what is wanted.
  double number(const std::string& name, double otherwise, double least, double most);
  int64_t integer(const std::string& name, int64_t otherwise, int64_t least, int64_t most);
  bool flag(const std::string& name, bool otherwise);
  /// One of the names, the first where none is given; its place among them.
  size_t choice(const std::string& name, const std::vector<std::string>& names);

  /// Throws Error where something was given that nothing above asked for.
  void expect_all_known() const;
  const std::vector<Known>& known() const { return known_; }

 private:
  const std::string* find(const std::string& name, std::string otherwise, std::string wanted);
  [[noreturn]] void refuse(const std::string& name) const;

  std::string sampler_;
  std::map<std::string, std::string> given_;
  std::vector<Known> known_;
};

/// The shortest text that reads back as the same number.
std::string number_text(double value);

}  // namespace unclip
