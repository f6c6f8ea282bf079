#include "search/filter.h"

#include <algorithm>

#include "base/error.h"

namespace unclip {

Condition parse_condition(const std::string& text) {
  const auto sign = text.find('=');
  const auto key = text.substr(0, sign);
  const auto& keys = provenance_keys();
  if (sign == text.npos || std::find(keys.begin(), keys.end(), key) == keys.end()) {
    std::string known;
    for (const auto& each : keys) known += (known.empty() ? "" : ", ") + each;
    fail("expected KEY=VALUE with one of the keys ", known, ", got '", text, "'");
  }
  return {key, text.substr(sign + 1)};
}

bool matches(const Provenance& provenance, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
    return matches_pattern(provenance_text(provenance, condition.key), condition.pattern);
  });
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = pattern.npos, after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != pattern.npos) {  // the last * matches one byte more
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace unclip
