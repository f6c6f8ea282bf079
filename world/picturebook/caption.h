#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// Says the claim in a random one of its wordings, the plain one being the most frequent: articles,
/// synonyms, objects in either order, background at the end or the beginning, now and then terse.
std::string caption(const Claim& claim, Random& random);

/// "a big cat left of an apple at night".
std::string plain_caption(const Claim& claim);

/// What the text says, if it is in words and in a form that `caption` can make, upper or lower
/// case.
std::optional<Claim> parse_caption(std::string_view text);

/// Every word of any caption, sorted.
std::vector<std::string> known_words();

}  // namespace unclip::world::picturebook
