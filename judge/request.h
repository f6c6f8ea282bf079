#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "judge/words.h"

namespace unclip::judge {

/// An object that a caption asks for. Attributes that the caption does not mention may be anything.
struct Wanted {
  Shape shape = Shape::kUnknown;
  std::optional<Colour> colour;
  std::optional<Size> size;
};

/// What a caption asks for: one object, or two with the place of the first relative to the second.
struct Request {
  std::vector<Wanted> objects;
  Relation relation = Relation::kAnyPlace;
  Background background = Background::kWhite;
};

/// Reads an English caption: "a big red ball to the left of a blue cube at night". Case and
/// punctuation are ignored; if no background is mentioned, it is white. Throws Error that names the
/// word or the part that is not understood.
Request parse_request(std::string_view caption);

}  // namespace unclip::judge
