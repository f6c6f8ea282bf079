#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The least number of letters to insert, delete or replace to turn a into b. Levenshtein 1966.
size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` that is probably meant by a misspelled `name`: at most a third of its letters
/// differ, or one letter if it has three or four. Empty if there is none.
std::string nearest_name(const std::string& name, const std::vector<std::string>& names);

/// The end of a message about an unknown name: "did you mean ddim? There are unclip, ddim, ...",
/// with the question only if a name is near. `names` must not be empty.
std::string name_hint(const std::string& name, const std::vector<std::string>& names);

}  // namespace unclip
