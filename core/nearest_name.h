#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// How many letters must be put in, left out or changed. Levenshtein 1966.
size_t edit_distance(std::string_view a, std::string_view b);

/// For a message about a name that there is not: "did you mean ddim? There are unclip, ddim, ...",
/// the question only where one is near. `names` are not empty.
std::string name_hint(const std::string& name, const std::vector<std::string>& names);

}  // namespace unclip
