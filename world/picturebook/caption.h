#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// A caption that states the claim in a random wording; the plain one is the most frequent.
/// Wordings differ in articles and synonyms, in the order of the objects, in whether the background
/// comes first or last, and some are terse.
std::string caption(const Claim& claim, Random& random);

/// The claim in its plain wording: "a big cat left of an apple at night".
std::string plain_caption(const Claim& claim);

/// The claim that the text states, if it has only words and forms that `caption` can produce; case
/// is ignored.
std::optional<Claim> parse_caption(std::string_view text);

/// All words that captions can contain, sorted.
std::vector<std::string> known_words();

}  // namespace unclip::world::picturebook
