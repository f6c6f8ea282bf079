#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/scene.h"

namespace unclip::world {

/// Says the claim in a random one of its wordings, the plain one being the most frequent: articles,
/// synonyms, objects in either order, background behind or in front, now and then terse.
std::string caption(const Claim& claim, Random& random);

/// "a big red ball left of a green cone at night".
std::string plain_caption(const Claim& claim);

/// What the text says, if it is said in words and in a form that `caption` can make, upper or lower
/// case.
std::optional<Claim> parse_caption(std::string_view text);

/// Every word of any caption, sorted.
std::vector<std::string> known_words();

}  // namespace unclip::world
