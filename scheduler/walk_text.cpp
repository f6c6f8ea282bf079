#include <charconv>
#include <set>
#include <sstream>

#include "core/error.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

constexpr size_t kMostTimesteps = 1'000'000;

std::vector<double> numbers_of(const std::string& key, const std::string& text,
                               const char* wanted) {
  std::vector<double> numbers;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, '/');) {
    double value = 0;
    const auto* end = part.data() + part.size();
    const auto [found, error] = std::from_chars(part.data(), end, value);
    if (error != std::errc() || found != end || numbers.size() == kMostTimesteps) {
      fail(key, " is '", text, "'; ", wanted, " wanted");
    }
    numbers.push_back(value);
  }
  return numbers;
}

void set(WalkOptions& walk, const std::string& key, const std::string& value) {
  if (key == "spacing") {
    timestep_spacing_named(value);
    walk.spacing = value;
  } else if (key == "timesteps") {
    walk.timesteps = numbers_of(key, value, "numbers with / between are");
  } else if (key == "sigma_max") {
    const auto number = numbers_of(key, value, "a number above 0 is");
    if (number.size() != 1 || !(number[0] > 0)) {
      fail("sigma_max is '", value, "'; a number above 0 is wanted");
    }
    walk.sigma_max = number[0];
  } else if (key == "threshold") {
    const auto number = numbers_of(key, value, "a number above 0 and up to 1 is");
    if (number.size() != 1 || !(number[0] > 0 && number[0] <= 1)) {
      fail("threshold is '", value, "'; a number above 0 and up to 1 is wanted");
    }
    walk.threshold = number[0];
  } else if (key == "clip") {
    if (value != "yes" && value != "no") fail("clip is '", value, "'; yes or no is wanted");
    walk.clip = value == "yes";
  } else {
    walk.own[key] = value;
  }
}

}  // namespace

WalkOptions parse_walk(const std::string& text) {
  WalkOptions walk;
  const auto colon = text.find(':');
  walk.sampler = text.substr(0, colon);
  sampler_options(walk.sampler);  // is there such a one?
  if (colon == text.npos) return walk;
  std::set<std::string> keys;
  std::istringstream rest(text.substr(colon + 1));
  for (std::string part; std::getline(rest, part, ',');) {
    const auto equals = part.find('=');
    if (equals == 0 || equals == part.npos || equals + 1 == part.size()) {
      fail("'", part, "' in '", text, "': key=value is wanted");
    }
    const auto key = part.substr(0, equals);
    if (!keys.insert(key).second) fail("'", text, "': ", key, " twice");
    set(walk, key, part.substr(equals + 1));
  }
  if (walk.clip && walk.threshold > 0) {
    fail("'", text, "': clip and threshold exclude each other");
  }
  return walk;
}

std::string walk_text(const WalkOptions& walk) {
  std::string text;
  const auto add = [&](const std::string& key, const std::string& value) {
    text.append(text.empty() ? ":" : ",").append(key).append("=").append(value);
  };
  if (!walk.spacing.empty()) add("spacing", walk.spacing);
  std::string timesteps;
  for (const double t : walk.timesteps) {
    timesteps.append(timesteps.empty() ? "" : "/").append(number_text(t));
  }
  if (!timesteps.empty()) add("timesteps", timesteps);
  if (walk.sigma_max > 0) add("sigma_max", number_text(walk.sigma_max));
  if (walk.threshold > 0) add("threshold", number_text(walk.threshold));
  if (walk.clip) add("clip", *walk.clip ? "yes" : "no");
  for (const auto& [key, value] : walk.own) add(key, value);
  return walk.sampler + text;
}

}  // namespace unclip
