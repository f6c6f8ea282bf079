#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// One way to say something, and how often it is chosen. In every list the first is the plain one.
struct Wording {
  std::string text;
  double weight = 1;
};

/// A meaning and the ways to say it.
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
/// Two, three and four.
const Phrases<int>& counts();

/// Of one object and of several: "a" stands for "an" too. `mass_articles` are said of what has no
/// plain article, `definite_articles` of what is the only one of its kind.
const std::vector<Wording>& articles();
const std::vector<Wording>& mass_articles();
const std::vector<Wording>& definite_articles();

/// Words before everything else; `plural` ones before several objects.
const std::vector<Wording>& openings(bool plural);
/// Words between an object and a relation.
const std::vector<Wording>& verbs();

/// The words of a text, in small letters. A comma is a word of its own; a full stop at the end is
/// dropped.
std::vector<std::string> split_words(std::string_view text);

/// What a kind is called, one or several of it.
const std::vector<Wording>& nouns(Kind kind, bool plural);

}  // namespace unclip::world::picturebook
