#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/nearest_name.h"
#include "base/parse_number.h"
#include "scheduler/aliases.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

constexpr size_t kMostNumbers = 1'000'000;
constexpr auto kAlphaBar = "alpha_bar/", kBeta = "beta/";  // prefixes of a schedule's numbers

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

[[noreturn]] void refuse(const std::string& key, const std::string& expected,
                         const std::string& value) {
  fail(key, ": expected ", expected, ", got '", value, "'");
}

std::vector<double> numbers_of(const std::string& key, const std::string& text) {
  std::vector<double> numbers;
  for (const auto& part : split(text, '/')) {
    const auto value = parse_number<double>(part);
    if (!value || numbers.size() == kMostNumbers) {
      refuse(key, "numbers with / or commas between them", text);
    }
    numbers.push_back(*value);
  }
  return numbers;
}

double parse_walk_number(const std::string& key, const std::string& text, double most,
                         const std::string& expected) {
  const auto value = parse_number<double>(text);
  if (!value || !(*value > 0 && *value <= most)) refuse(key, expected, text);
  return *value;
}

ScheduleChoice schedule_of(const std::string& value, bool opens_files) {
  for (const std::string prefix : {kAlphaBar, kBeta}) {
    if (!value.starts_with(prefix)) continue;
    ScheduleChoice choice{.numbers = numbers_of("schedule", value.substr(prefix.size())),
                          .is_alpha_bar = prefix == kAlphaBar};
    schedule_of_numbers(choice, "schedule");
    return choice;
  }
  const auto name = schedule_meaning(value);
  auto names = noise_schedule_names();
  std::erase(names, "file");
  if (std::find(names.begin(), names.end(), name) != names.end()) return {.name = name};
  const bool is_file = value.ends_with(".csv") || value.ends_with(".json");
  if (opens_files && is_file) return read_schedule_numbers(value);
  fail("schedule: expected a name", opens_files ? ", or a file that ends in .csv or .json" : "",
       ", got '", value, "'; ", name_hint(value, names));
}

class Reader {
 public:
  Reader(const std::string& text, bool opens_files) : text_(text), opens_files_(opens_files) {}

  WalkOptions read() {
    const auto colon = text_.find(':');
    const auto name = text_.substr(0, colon);
    const auto meaning = sampler_meaning(name);
    const auto second = meaning.find(':');
    walk_.sampler = meaning.substr(0, second);
    sampler_options(walk_.sampler);  // throws Error if there is no such sampler
    if (second != meaning.npos) read_keys(meaning.substr(second + 1));
    if (colon == text_.npos) return walk_;
    read_keys(text_.substr(colon + 1));
    expect_to_agree();
    return walk_;
  }

 private:
  void read_keys(const std::string& keys) {
    std::set<std::string> read;
    for (const auto& [key, value] : pairs(keys)) {
      if (!read.insert(key).second) fail("'", text_, "': ", key, " twice");
      set(key, value);
    }
  }

  /// The pairs of a list of key=value; a number without a key belongs to the list before it.
  std::vector<std::pair<std::string, std::string>> pairs(const std::string& keys) const {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& part : split(keys, ',')) {
      const bool goes_on = !pairs.empty() && parse_number<double>(part) &&
                           (pairs.back().first == "sigmas" || pairs.back().first == "timesteps");
      if (goes_on) {
        pairs.back().second.append("/").append(part);
        continue;
      }
      const auto equals = part.find('=');
      if (equals == 0 || equals == part.npos || equals + 1 == part.size()) {
        fail("'", text_, "': expected key=value, got '", part, "'");
      }
      pairs.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
    return pairs;
  }

  void set(const std::string& key, const std::string& value) {
    if (key == "spacing") {
      timestep_spacing_named(value);
      walk_.spacing = value;
    } else if (key == "timesteps") {
      walk_.timesteps = numbers_of(key, value);
    } else if (key == "sigmas") {
      walk_.sigmas = numbers_of(key, value);
    } else if (key == "schedule") {
      walk_.schedule = schedule_of(value, opens_files_);
    } else if (key == "sigma_max") {
      walk_.sigma_max = parse_walk_number(key, value, 1e300, "a number above 0");
    } else if (key == "threshold") {
      walk_.threshold = parse_walk_number(key, value, 1, "a number above 0 and up to 1");
    } else if (key == "clip") {
      if (value != "yes" && value != "no") refuse(key, "yes or no", value);
      walk_.clip = value == "yes";
    } else {
      walk_.own[key] = value;
    }
  }

  void expect_to_agree() const {
    const auto both = [&](const char* one, const char* other) {
      fail("'", text_, "': ", one, " and ", other, " exclude each other");
    };
    if (walk_.clip && walk_.threshold > 0) both("clip", "threshold");
    if (walk_.sigmas.empty()) return;
    if (!walk_.timesteps.empty()) both("sigmas", "timesteps");
    if (!walk_.spacing.empty()) both("sigmas", "spacing");
    if (walk_.sigma_max > 0) both("sigmas", "sigma_max");
  }

  const std::string& text_;
  const bool opens_files_;
  WalkOptions walk_;
};

std::string list_text(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) {
    text.append(text.empty() ? "" : "/").append(number_text(number));
  }
  return text;
}

}  // namespace

std::span<const CommonKey> common_keys() {
  static constexpr std::array kKeys = {
      CommonKey{"spacing", "a spacing's name"},
      CommonKey{"timesteps", "falling numbers with / or commas between them"},
      CommonKey{"sigmas", "falling numbers with / or commas between them, the last one the end's"},
      CommonKey{"sigma_max", "a number above 0"},
      CommonKey{"schedule", "a noise schedule's name, or a FILE.csv or FILE.json"},
      CommonKey{"clip", "yes or no"},
      CommonKey{"threshold", "a number above 0 and up to 1"},
  };
  return kKeys;
}

int64_t listed_steps(const WalkOptions& walk) {
  return static_cast<int64_t>(walk.sigmas.empty() ? walk.timesteps.size() : walk.sigmas.size() - 1);
}

WalkOptions parse_walk(const std::string& text) { return Reader(text, false).read(); }
WalkOptions read_walk(const std::string& text) { return Reader(text, true).read(); }

std::string walk_text(const WalkOptions& walk) {
  std::string text;
  const auto add = [&](const std::string& key, const std::string& value) {
    text.append(text.empty() ? ":" : ",").append(key).append("=").append(value);
  };
  if (!walk.spacing.empty()) add("spacing", walk.spacing);
  if (!walk.timesteps.empty()) add("timesteps", list_text(walk.timesteps));
  if (!walk.sigmas.empty()) add("sigmas", list_text(walk.sigmas));
  if (walk.sigma_max > 0) add("sigma_max", number_text(walk.sigma_max));
  if (!walk.schedule.name.empty()) add("schedule", walk.schedule.name);
  if (!walk.schedule.numbers.empty()) {
    const auto* kind = walk.schedule.is_alpha_bar ? kAlphaBar : kBeta;
    add("schedule", kind + list_text(walk.schedule.numbers));
  }
  if (walk.threshold > 0) add("threshold", number_text(walk.threshold));
  if (walk.clip) add("clip", *walk.clip ? "yes" : "no");
  for (const auto& [key, value] : walk.own) add(key, value);
  return walk.sampler + text;
}

}  // namespace unclip
