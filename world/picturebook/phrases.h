#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// One wording of something, and its weight in random choices. The first in every list is the plain
/// one.
struct Wording {
  std::string text;
  double weight = 1;
};

/// A meaning and its wordings.
template <class Meaning>
struct Phrase {
  Meaning meaning;
  std::vector<Wording> wordings;
};

template <class Meaning>
using Phrases = std::vector<Phrase<Meaning>>;

const Phrases<Size>& sizes();
const Phrases<Relation>& relations();
const Phrases<Background>& backgrounds();
/// The words for two, three and four.
const Phrases<int>& counts();

/// The articles of an object; "a" also stands for "an". `mass_articles` are for objects without an
/// article in the plain wording, `definite_articles` for those that are the only one of their kind.
const std::vector<Wording>& articles();
const std::vector<Wording>& mass_articles();
const std::vector<Wording>& definite_articles();

/// Words that begin a caption; with `plural`, one of several objects.
const std::vector<Wording>& openings(bool plural);
/// Words between an object and a relation.
const std::vector<Wording>& verbs();

/// The words of a text, in lower case. A comma is a word of its own; a full stop at the end is
/// dropped.
std::vector<std::string> split_words(std::string_view text);

/// The nouns for one object of a kind, or with `plural` for several.
const std::vector<Wording>& nouns(Kind kind, bool plural);

}  // namespace unclip::world::picturebook
