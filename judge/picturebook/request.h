#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "judge/picturebook/kinds.h"
#include "judge/words.h"

namespace unclip::judge::picturebook {

/// An object, or several of one kind, that a caption asks for. Without a size it may have any.
struct Wanted {
  int kind = kUnknownKind;
  int count = 1;
  std::optional<Size> size;
};

/// What a caption asks for: one kind, or two with the place of the first relative to the second.
struct Request {
  std::vector<Wanted> objects;
  Relation relation = Relation::kAnyPlace;
  Background background = Background::kWhite;
};

/// Reads an English caption: "there is a small cat to the left of two apples at night". Case and
/// punctuation are ignored; if no background is mentioned, it is white. Throws Error that names the
/// word or the part that is not understood, and the nearest known word.
Request parse_request(std::string_view caption);

}  // namespace unclip::judge::picturebook
