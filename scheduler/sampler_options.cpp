#include "scheduler/sampler_options.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/nearest_name.h"

namespace unclip {
namespace {

template <class Number>
bool reads(const std::string& text, Number& value) {
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end;
}

}  // namespace

SamplerOptions::SamplerOptions(std::string sampler, std::map<std::string, std::string> given)
    : sampler_(std::move(sampler)), given_(std::move(given)) {}

const std::string* SamplerOptions::find(const std::string& name, std::string otherwise,
                                        std::string wanted) {
  known_.push_back({name, std::move(otherwise), std::move(wanted)});
  const auto it = given_.find(name);
  return it == given_.end() ? nullptr : &it->second;
}

void SamplerOptions::refuse(const std::string& name) const {
  fail("sampler '", sampler_, "': ", name, " is '", given_.at(name), "'; ", known_.back().wanted,
       " is wanted");
}

double SamplerOptions::number(const std::string& name, double otherwise, double least,
                              double most) {
  const auto* text = find(name, number_text(otherwise),
                          "a number from " + number_text(least) + " to " + number_text(most));
  if (text == nullptr) return otherwise;
  double value = 0;
  if (!reads(*text, value) || !(value >= least && value <= most)) refuse(name);
  return value;
}

int64_t SamplerOptions::integer(const std::string& name, int64_t otherwise, int64_t least,
                                int64_t most) {
  const auto* text =
      find(name, std::to_string(otherwise),
           "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  if (text == nullptr) return otherwise;
  int64_t value = 0;
  if (!reads(*text, value) || value < least || value > most) refuse(name);
  return value;
}

bool SamplerOptions::flag(const std::string& name, bool otherwise) {
  const auto* text = find(name, otherwise ? "yes" : "no", "yes or no");
  if (text == nullptr) return otherwise;
  if (*text != "yes" && *text != "no") refuse(name);
  return *text == "yes";
}

size_t SamplerOptions::choice(const std::string& name, const std::vector<std::string>& names) {
  std::string wanted;
  for (const auto& each : names) {
    if (!wanted.empty()) wanted += &each == &names.back() ? " or " : ", ";
    wanted += each;
  }
  const auto* text = find(name, names.front(), wanted);
  if (text == nullptr) return 0;
  const auto it = std::find(names.begin(), names.end(), *text);
  if (it == names.end()) refuse(name);
  return static_cast<size_t>(it - names.begin());
}

void SamplerOptions::expect_all_known() const {
  for (const auto& [name, value] : given_) {
    const auto same = [&, &wanted = name](const Known& known) { return known.name == wanted; };
    if (std::any_of(known_.begin(), known_.end(), same)) continue;
    std::vector<std::string> names;
    for (const auto& known : known_) names.push_back(known.name);
    if (names.empty())
      fail("sampler '", sampler_, "' has no options of its own; ", name, " was given");
    fail("sampler '", sampler_, "' has no ", name, "; ", name_hint(name, names));
  }
}

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "";
}

}  // namespace unclip
