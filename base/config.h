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

/// A JSON object from a file. If a value is not the expected one, errors name the file and the key.
/// T is one of bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
/// std::vector<std::string>. A key counts as absent if its value is null, or Python's -Infinity or
/// Infinity.
class Config {
 public:
  /// What a key that occurs twice in one object means: an error, or, as for Python's json, the
  /// value of the last one. Published configs that were edited by hand have such keys.
  enum class RepeatedKeys { kError, kLastWins };

  /// Throws Error if the file cannot be read, is not JSON in UTF-8, or is not an object; also if a
  /// key is repeated and that is an error, a number is too large for float64, or values are nested
  /// more than 32 levels deep.
  static Config read(const std::filesystem::path& path,
                     RepeatedKeys repeated = RepeatedKeys::kError);
  /// The same for a text; messages call it `name`.
  static Config parse(std::string_view text, const std::string& name,
                      RepeatedKeys repeated = RepeatedKeys::kError);

  /// The file's name, as messages print it.
  const std::string& name() const { return name_; }
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;
  const nlohmann::json& json() const { return *json_; }

  template <class T>
  T require(const std::string& key) const;
  template <class T>
  T value_or(const std::string& key, T otherwise) const;

  /// The value paired in `choices` with the string at `key`; the first one if the key is absent.
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

  /// Throws Error unless the key is absent or has this value, for options with only one
  /// implementation.
  template <class T>
  void expect(const std::string& key, const T& only) const;
  void expect(const std::string& key, const char* only) const { expect<std::string>(key, only); }
  /// Throws Error unless the key is absent or null.
  void expect_absent(const std::string& key) const;

  /// The integer at `key`, which must be in [least, most]; `otherwise` if the key is absent.
  int64_t integer(const std::string& key, int64_t otherwise, int64_t least, int64_t most) const;

  /// Throws an Error that names file, key, `expected` and the value found.
  [[noreturn]] void fail_value(const std::string& key, const std::string& expected) const;

 private:
  Config(std::string name, nlohmann::json json);
  std::string name_;
  std::shared_ptr<const nlohmann::json> json_;
};

}  // namespace unclip
