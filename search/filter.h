#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "search/provenance.h"

namespace unclip {

/// A condition on the value of a key of an image's provenance. In `pattern` a * matches any text.
struct Condition {
  std::string key, pattern;
};

/// Reads "key=pattern". Throws Error for any other text, and for a key that is not one of
/// provenance_keys().
Condition parse_condition(const std::string& text);

/// Whether all conditions hold. An unknown value counts as the empty text.
bool matches(const Provenance& provenance, const std::vector<Condition>& conditions);

/// Whether the text matches the pattern. A * matches any text, every other byte only itself.
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace unclip
