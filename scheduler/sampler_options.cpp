#include "scheduler/sampler_options.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/nearest_name.h"
#include "base/parse_number.h"
#include "scheduler/scheduler.h"

namespace unclip {

SamplerOptions::SamplerOptions(std::string sampler, std::map<std::string, std::string> given)
    : sampler_(std::move(sampler)), given_(std::move(given)) {}

const std::string* SamplerOptions::find(const std::string& name, std::string fallback,
                                        std::string expected) {
  known_.push_back({name, std::move(fallback), std::move(expected)});
  const auto it = given_.find(name);
  return it == given_.end() ? nullptr : &it->second;
}

void SamplerOptions::refuse(const std::string& name) const {
  fail("sampler '", sampler_, "': ", name, ": expected ", known_.back().expected, ", got '",
       given_.at(name), "'");
}

double SamplerOptions::number(const std::string& name, double fallback, double least, double most) {
  const auto* text = find(name, number_text(fallback),
                          "a number from " + number_text(least) + " to " + number_text(most));
  if (text == nullptr) return fallback;
  const auto value = parse_number<double>(*text);
  if (!value || !(*value >= least && *value <= most)) refuse(name);
  return *value;
}

int64_t SamplerOptions::integer(const std::string& name, int64_t fallback, int64_t least,
                                int64_t most) {
  const auto* text =
      find(name, std::to_string(fallback),
           "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  if (text == nullptr) return fallback;
  const auto value = parse_number<int64_t>(*text);
  if (!value || *value < least || *value > most) refuse(name);
  return *value;
}

bool SamplerOptions::flag(const std::string& name, bool fallback) {
  const auto* text = find(name, fallback ? "yes" : "no", "yes or no");
  if (text == nullptr) return fallback;
  if (*text != "yes" && *text != "no") refuse(name);
  return *text == "yes";
}

size_t SamplerOptions::choice(const std::string& name, const std::vector<std::string>& names) {
  std::string expected;
  for (const auto& each : names) {
    if (!expected.empty()) expected += &each == &names.back() ? " or " : ", ";
    expected += each;
  }
  const auto* text = find(name, names.front(), expected);
  if (text == nullptr) return 0;
  const auto it = std::find(names.begin(), names.end(), *text);
  if (it == names.end()) refuse(name);
  return static_cast<size_t>(it - names.begin());
}

std::string SamplerOptions::keys_hint(const std::string& name) const {
  std::vector<std::string> own, common;
  for (const auto& known : known_) own.push_back(known.name);
  for (const auto& key : common_keys()) common.emplace_back(key.name);
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (const auto& each : names) text.append(text.empty() ? "" : ", ").append(each);
    return text.empty() ? std::string("none") : text;
  };
  auto all = own;
  all.insert(all.end(), common.begin(), common.end());
  const auto nearest = std::min_element(all.begin(), all.end(), [&](auto& a, auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  const bool near = edit_distance(name, *nearest) <= std::max<size_t>(2, name.size() / 3);
  return (near ? "did you mean " + *nearest + "? Its" : "its") + " own keys: " + listed(own) +
         "; keys of every sampler: " + listed(common);
}

void SamplerOptions::expect_all_known() const {
  for (const auto& [name, value] : given_) {
    const auto same = [&, &given = name](const Known& known) { return known.name == given; };
    if (std::any_of(known_.begin(), known_.end(), same)) continue;
    fail("sampler '", sampler_, "' has no key '", name, "'; ", keys_hint(name));
  }
}

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "";
}

}  // namespace unclip
