#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace unclip {

/// A JSON object that names its file and key if a value is not the expected one.
/// T is one of bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
/// std::vector<std::string>. A key whose value is null counts as absent, and so does one of
/// Python's -Infinity and Infinity.
class Config {
 public:
  /// Throws Error where the file is unreadable, no JSON (which is UTF-8), or no object; where a key
  /// stands twice in one object, a number is too large for float64, or more than 32 levels lie
  /// within each other.
  static Config read(const std::filesystem::path& path);
  /// `name` stands for the file in messages.
  static Config parse(std::string_view text, const std::string& name);

  /// The file's name, as messages show it.
  const std::string& name() const { return name_; }
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;
  const nlohmann::json& json() const { return *json_; }

  template <class T>
  T require(const std::string& key) const;
  template <class T>
  T value_or(const std::string& key, T otherwise) const;

  /// The value that stands beside the string at `key`; an absent key is the first choice.
  template <class T>
  T choice(const std::string& key,
           std::initializer_list<std::pair<std::string_view, T>> choices) const {
    if (!has(key)) return choices.begin()->second;
    const auto found = require<std::string>(key);
    std::string expected;
    for (const auto& [text, value] : choices) {
      if (found == text) return value;
      expected += (expected.empty() ? "\"" : ", \"") + std::string(text) + "\"";
    }
    fail_value(key, "one of " + expected);
  }

  /// For what has one implementation: throws Error unless the key is absent or has this value.
  template <class T>
  void expect(const std::string& key, const T& only) const;
  void expect(const std::string& key, const char* only) const { expect<std::string>(key, only); }
  /// Throws Error unless the key is absent or null.
  void expect_absent(const std::string& key) const;

  /// An integer in [least, most]; absent: `otherwise`.
  int64_t integer(const std::string& key, int64_t otherwise, int64_t least, int64_t most) const;

  /// Throws an Error that names file, key, `expected` and the value found.
  [[noreturn]] void fail_value(const std::string& key, const std::string& expected) const;

 private:
  Config(std::string name, nlohmann::json json);
  std::string name_;
  std::shared_ptr<const nlohmann::json> json_;
};

}  // namespace unclip
