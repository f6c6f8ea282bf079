#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "judge/words.h"

namespace unclip::judge {

/// One object as a caption asks for it. What it leaves open may be anything.
struct Wanted {
  Shape shape = Shape::kUnknown;
  std::optional<Colour> colour;
  std::optional<Size> size;
};

/// What a caption asks for: one object, or two with the place of the first seen from the second.
struct Request {
  std::vector<Wanted> objects;
  Relation relation = Relation::kAnyPlace;
  Background background = Background::kWhite;
};

/// Reads an English caption: "a big red ball to the left of a blue cube at night". Small and
/// capital letters and punctuation make no difference; without a word for the background it is
/// white. Throws Error that names the word or the part that is not understood.
Request parse_request(std::string_view caption);

}  // namespace unclip::judge
