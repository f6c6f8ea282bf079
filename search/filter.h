#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "search/provenance.h"

namespace unclip {

/// What a key of an image's provenance has to be. In `pattern` a * stands for any text.
struct Condition {
  std::string key, pattern;
};

/// Reads "key=pattern". Throws Error for any other text, and for a key that is not one of
/// provenance_keys().
Condition parse_condition(const std::string& text);

/// Do all conditions hold? The value of what is unknown is the empty text.
bool matches(const Provenance& provenance, const std::vector<Condition>& conditions);

/// Is the text what the pattern stands for? A * is any text, every other byte itself.
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace unclip
