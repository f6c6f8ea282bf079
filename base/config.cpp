#include "base/config.h"
#include "base/file_bytes.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/json_text.h"

namespace unclip {
namespace {

using Json = nlohmann::json;

template <class T>
struct Kind;
template <>
struct Kind<bool> {
  static constexpr const char* name = "true or false";
  static bool fits(const Json& v) { return v.is_boolean(); }
};
template <>
struct Kind<int64_t> {
  static constexpr const char* name = "an integer";
  static bool fits(const Json& v) {
    return v.is_number_integer() &&
           !(v.is_number_unsigned() && v.get<uint64_t>() > uint64_t{INT64_MAX});
  }
};
template <>
struct Kind<uint64_t> {
  static constexpr const char* name = "an integer from 0 to 18446744073709551615";
  static bool fits(const Json& v) { return v.is_number_unsigned(); }
};
template <>
struct Kind<double> {
  static constexpr const char* name = "a number";
  static bool fits(const Json& v) { return v.is_number(); }
};
template <>
struct Kind<std::string> {
  static constexpr const char* name = "a string";
  static bool fits(const Json& v) { return v.is_string(); }
};
template <class T>
struct Kind<std::vector<T>> {
  static constexpr const char* name = "a list of values of one kind";
  static bool fits(const Json& v) {
    if (!v.is_array()) return false;
    for (const auto& item : v) {
      if (!Kind<T>::fits(item)) return false;
    }
    return true;
  }
};

/// An untrusted value, made safe for a message: it may be long, or not valid UTF-8.
std::string shown_value(const Json& value) {
  auto text = json_text(value);
  return text.size() > 100 ? text.substr(0, 97) + "..." : text;
}

/// Untrusted text, made safe for a message between quotes: short, in ASCII, on one line.
std::string shown(const std::string& text) {
  const auto quoted = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  const auto inner = quoted.substr(1, quoted.size() - 2);
  return inner.size() > 100 ? inner.substr(0, 97) + "..." : inner;
}

/// Receives the parser's events while it reads, so that too deep nesting is rejected where it
/// begins, and no key silently hides another unless that is asked for.
class Watch {
 public:
  Watch(const std::string& name, Config::RepeatedKeys repeated)
      : name_(name), repeated_(repeated) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (depth >= kDeepest) fail(name_, ": is nested deeper than ", kDeepest, " levels");
        keys_of_open_objects_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        keys_of_open_objects_.pop_back();
        break;
      case Json::parse_event_t::key:
        last_key_ = parsed.get<std::string>();
        if (!keys_of_open_objects_.back().insert(last_key_).second &&
            repeated_ == Config::RepeatedKeys::kError) {
          fail(name_, ": '", shown(last_key_), "' stands twice in one object");
        }
        break;
      case Json::parse_event_t::value:
        break;
    }
    return true;
  }

  const std::string& last_key() const { return last_key_; }

 private:
  static constexpr int kDeepest = 32;
  const std::string& name_;
  Config::RepeatedKeys repeated_;
  std::vector<std::unordered_set<std::string>> keys_of_open_objects_;
  std::string last_key_;
};

/// The text with -Infinity and Infinity replaced by null and spaces, so that all other bytes keep
/// their place. Python writes these, although JSON does not have them, and published configs use
/// them for "no bound".
std::string without_infinities(std::string_view text) {
  std::string result(text);
  bool in_string = false;
  for (size_t i = 0; i < result.size(); ++i) {
    if (in_string && result[i] == '\\') {
      ++i;
    } else if (result[i] == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      for (const std::string_view token : {"-Infinity", "Infinity"}) {
        if (result.compare(i, token.size(), token) != 0) continue;
        result.replace(i, token.size(), "null" + std::string(token.size() - 4, ' '));
      }
    }
  }
  return result;
}

}  // namespace

Config::Config(std::string name, Json value)
    : name_(std::move(name)), json_(std::make_shared<const Json>(std::move(value))) {}

Config Config::read(const std::filesystem::path& path, RepeatedKeys repeated) {
  return parse(file_bytes(path), path.string(), repeated);
}

Config Config::parse(std::string_view text, const std::string& name, RepeatedKeys repeated) {
  Json value;
  Watch watch(name, repeated);
  try {
    value = Json::parse(without_infinities(text), std::ref(watch));
  } catch (const Json::parse_error& e) {
    fail(name, ": is not valid JSON at byte ", e.byte);
  } catch (const Json::out_of_range&) {
    fail(name, ": has a number that is too large, at or after '", shown(watch.last_key()), "'");
  }
  if (!value.is_object()) fail(name, ": expected a JSON object, got ", value.type_name());
  return Config(name, std::move(value));
}

bool Config::has(const std::string& key) const {
  const auto it = json_->find(key);
  return it != json_->end() && !it->is_null();
}

std::vector<std::string> Config::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json_->items()) keys.push_back(key);
  return keys;
}

template <class T>
T Config::require(const std::string& key) const {
  if (!has(key)) fail(name_, ": '", key, "' is missing; expected ", Kind<T>::name);
  const auto& value = json_->at(key);
  if (!Kind<T>::fits(value)) fail_value(key, Kind<T>::name);
  return value.template get<T>();
}

template <class T>
T Config::value_or(const std::string& key, T otherwise) const {
  return has(key) ? require<T>(key) : otherwise;
}

template <class T>
void Config::expect(const std::string& key, const T& only) const {
  if (!has(key)) return;
  const auto& value = json_->at(key);
  if (!Kind<T>::fits(value) || value.template get<T>() != only) {
    fail(name_, ": '", key, "': expected ", Json(only).dump(), ", got ", shown_value(value),
         "; nothing else is implemented");
  }
}

void Config::expect_absent(const std::string& key) const {
  if (has(key)) {
    fail(name_, ": '", key, "': expected null, got ", shown_value(json_->at(key)),
         "; nothing else is implemented");
  }
}

int64_t Config::integer(const std::string& key, int64_t otherwise, int64_t least,
                        int64_t most) const {
  const auto value = value_or<int64_t>(key, otherwise);
  if (value < least || value > most) {
    fail_value(key, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

void Config::fail_value(const std::string& key, const std::string& expected) const {
  fail(name_, ": '", key, "': expected ", expected, ", got ",
       has(key) ? shown_value(json_->at(key)) : "nothing");
}

#define UNCLIP_INSTANTIATE(T)                                  \
  template T Config::require<T>(const std::string&) const;     \
  template T Config::value_or<T>(const std::string&, T) const; \
  template void Config::expect<T>(const std::string&, const T&) const;
UNCLIP_INSTANTIATE(bool)
UNCLIP_INSTANTIATE(int64_t)
UNCLIP_INSTANTIATE(uint64_t)
UNCLIP_INSTANTIATE(double)
UNCLIP_INSTANTIATE(std::string)
UNCLIP_INSTANTIATE(std::vector<int64_t>)
UNCLIP_INSTANTIATE(std::vector<double>)
UNCLIP_INSTANTIATE(std::vector<std::string>)
#undef UNCLIP_INSTANTIATE

}  // namespace unclip
