#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The least number of letters to insert, delete or replace. Levenshtein 1966.
size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` that `name` is probably a slip of: at most a third of its letters differ, and
/// one of three or four. Empty if there is none.
std::string nearest_name(const std::string& name, const std::vector<std::string>& names);

/// For a message about a name that there is not: "did you mean ddim? There are unclip, ddim, ...",
/// the question only where one is near. `names` are not empty.
std::string name_hint(const std::string& name, const std::vector<std::string>& names);

}  // namespace unclip
