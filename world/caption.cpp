#include "world/caption.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "base/error.h"

namespace unclip::world {
namespace {

// One wording of something. The first in every list is the plain one.
struct Wording {
  std::string_view text;
  double weight;
};

template <class Meaning>
struct Phrase {
  Meaning meaning;
  std::vector<Wording> wordings;
};

template <class Meaning>
using Phrases = std::vector<Phrase<Meaning>>;

const Phrases<Shape>& shapes() {
  static const Phrases<Shape> list = {
      {Shape::kBall, {{"ball", 3}, {"sphere", 1}}},
      {Shape::kCube, {{"cube", 3}, {"box", 1}}},
      {Shape::kCylinder, {{"cylinder", 6}, {"can", 1}, {"tube", 1}}},
      {Shape::kCone, {{"cone", 1}}},
      {Shape::kRing, {{"ring", 6}, {"doughnut", 1}, {"donut", 1}, {"torus", 1}}},
      {Shape::kStar, {{"star", 1}}}};
  return list;
}

const Phrases<Colour>& colours() {
  static const Phrases<Colour> list = {
      {Colour::kRed, {{"red", 1}}},       {Colour::kOrange, {{"orange", 1}}},
      {Colour::kYellow, {{"yellow", 1}}}, {Colour::kGreen, {{"green", 1}}},
      {Colour::kBlue, {{"blue", 1}}},     {Colour::kPurple, {{"purple", 1}}},
      {Colour::kPink, {{"pink", 1}}},     {Colour::kBrown, {{"brown", 1}}}};
  return list;
}

const Phrases<Size>& sizes() {
  static const Phrases<Size> list = {{Size::kSmall, {{"small", 4}, {"tiny", 1}, {"little", 1}}},
                                     {Size::kBig, {{"big", 4}, {"large", 2}}}};
  return list;
}

const Phrases<Relation>& relations() {
  static const Phrases<Relation> list = {
      {Relation::kLeftOf, {{"left of", 6}, {"to the left of", 3}, {"on the left of", 1}}},
      {Relation::kRightOf, {{"right of", 6}, {"to the right of", 3}, {"on the right of", 1}}},
      {Relation::kAbove, {{"above", 6}, {"over", 2}, {"on top of", 2}}},
      {Relation::kBelow, {{"below", 6}, {"under", 2}, {"beneath", 2}}},
      {Relation::kNextTo, {{"next to", 3}, {"beside", 1}}},
      {Relation::kAnd, {{"and", 1}}}};
  return list;
}

const Phrases<Background>& backgrounds() {
  static const Phrases<Background> list = {{Background::kWhite,
                                            {{"on a white background", 6},
                                             {"on white", 2},
                                             {"on the white background", 1},
                                             {"in front of a white background", 1}}},
                                           {Background::kSky,
                                            {{"under the sky", 6},
                                             {"on a sky background", 2},
                                             {"on sky", 1},
                                             {"on the sky background", 1},
                                             {"against the sky", 1},
                                             {"in front of a sky background", 1}}},
                                           {Background::kMint,
                                            {{"on a mint background", 6},
                                             {"on mint", 2},
                                             {"on the mint background", 1},
                                             {"in front of a mint background", 1}}},
                                           {Background::kNight,
                                            {{"at night", 6},
                                             {"in the night", 1},
                                             {"on a night background", 2},
                                             {"on night", 1},
                                             {"on the night background", 1},
                                             {"in front of a night background", 1}}}};
  return list;
}

// "a" also stands for "an".
const std::vector<Wording>& articles() {
  static const std::vector<Wording> list = {{"a", 12}, {"the", 2}, {"one", 1}, {"", 1}};
  return list;
}

const std::vector<Wording>& openings() {
  static const std::vector<Wording> list = {{"", 48}, {"a picture of", 1}, {"a photo of", 1}};
  return list;
}

constexpr std::string_view kComma = ",";

template <class Meaning>
const std::vector<Wording>& wordings(const Phrases<Meaning>& phrases, Meaning meaning) {
  for (const auto& phrase : phrases)
    if (phrase.meaning == meaning) return phrase.wordings;
  fail("a claim holds a value that has no words");
}

// Composes a caption; without a source of randomness every wording is the plain one.
class Writer {
 public:
  explicit Writer(Random* random, bool terse = false) : random_(random), terse_(terse) {}

  std::string caption(const Claim& claim) {
    const bool background_first = claim.background && random_ && !terse_ && chance(*random_, 0.03);
    if (background_first) {
      say(backgrounds(), *claim.background);
      append(kComma);
    } else if (random_ && !terse_) {
      append(choose(openings()));
    }
    object(claim.objects[0]);
    if (claim.objects.size() == 2) {
      if (terse_ && claim.relation == Relation::kAnd)
        append(kComma);
      else
        say(relations(), claim.relation);
      object(claim.objects[1]);
    }
    if (claim.background && !background_first) say(backgrounds(), *claim.background);
    return text_;
  }

 private:
  std::string_view choose(const std::vector<Wording>& list) {
    return random_ ? pick_weighted(*random_, list).text : list.front().text;
  }

  template <class Meaning>
  void say(const Phrases<Meaning>& phrases, Meaning meaning) {
    append(choose(wordings(phrases, meaning)));
  }

  void object(const ObjectClaim& object) {
    const size_t before = text_.size();
    const std::string_view article = terse_ ? "" : choose(articles());
    if (object.size) say(sizes(), *object.size);
    say(colours(), object.colour);
    say(shapes(), object.shape);
    if (article.empty()) return;
    const size_t word = before == 0 ? 0 : before + 1;
    const bool vowel = std::string_view("aeiou").find(text_[word]) != std::string_view::npos;
    const std::string full(article == "a" && vowel ? "an" : article);
    text_.insert(word, full + " ");
  }

  void append(std::string_view words) {
    if (!text_.empty() && !words.empty() && words != kComma) text_ += ' ';
    text_ += words;
  }

  Random* random_;
  bool terse_;
  std::string text_;
};

// A comma is a word of its own; a full stop at the end is dropped.
std::vector<std::string> split_words(std::string_view text) {
  std::string spaced;
  for (const char c : text) {
    if (c == ',')
      spaced += " , ";
    else
      spaced += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::istringstream in(spaced);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  if (!words.empty() && words.back().back() == '.') words.back().pop_back();
  return words;
}

// Reads the words from the front; words that do not match are left in place.
class Reader {
 public:
  explicit Reader(std::string_view text) : words_(split_words(text)) {}

  std::optional<Claim> claim() {
    for (const Wording& opening : openings())
      if (!opening.text.empty() && take(opening.text)) break;
    Claim claim;
    claim.background = take_one(backgrounds());
    if (claim.background) take(kComma);
    const auto first = object();
    if (!first) return std::nullopt;
    claim.objects.push_back(*first);
    // "under" is a relation and "under the sky" is not, so the background is tried first.
    if (!claim.background) claim.background = closing_background();
    if (at_end()) return claim;
    if (!relation(claim)) return std::nullopt;
    const auto second = object();
    if (!second) return std::nullopt;
    claim.objects.push_back(*second);
    if (!claim.background) claim.background = closing_background();
    return at_end() ? std::optional(claim) : std::nullopt;
  }

 private:
  bool at_end() const { return next_ == words_.size(); }

  bool take(std::string_view phrase) {
    size_t end = next_;
    while (!phrase.empty()) {
      const std::string_view word = phrase.substr(0, phrase.find(' '));
      if (end == words_.size() || words_[end++] != word) return false;
      phrase.remove_prefix(std::min(phrase.size(), word.size() + 1));
    }
    next_ = end;
    return true;
  }

  template <class Meaning>
  std::optional<Meaning> take_one(const Phrases<Meaning>& phrases) {
    for (const auto& [meaning, wordings] : phrases)
      for (const Wording& wording : wordings)
        if (take(wording.text)) return meaning;
    return std::nullopt;
  }

  std::optional<Background> closing_background() {
    const size_t before = next_;
    take(kComma);
    const auto background = take_one(backgrounds());
    if (background && at_end()) return background;
    next_ = before;
    return std::nullopt;
  }

  bool relation(Claim& claim) {
    const bool comma = take(kComma);
    if (const auto relation = take_one(relations()))
      claim.relation = *relation;
    else if (comma)
      claim.relation = Relation::kAnd;
    else
      return false;
    return true;
  }

  std::optional<ObjectClaim> object() {
    if (!take("an"))
      for (const Wording& article : articles())
        if (!article.text.empty() && take(article.text)) break;
    const auto size = take_one(sizes());
    const auto colour = take_one(colours());
    const auto shape = take_one(shapes());
    if (!colour || !shape) return std::nullopt;
    return ObjectClaim{*shape, *colour, size};
  }

  std::vector<std::string> words_;
  size_t next_ = 0;
};

void add_words(std::set<std::string>& words, const std::vector<Wording>& wordings) {
  for (const Wording& wording : wordings)
    for (const std::string& word : split_words(wording.text)) words.insert(word);
}

template <class Meaning>
void add_words(std::set<std::string>& words, const Phrases<Meaning>& phrases) {
  for (const auto& phrase : phrases) add_words(words, phrase.wordings);
}

}  // namespace

std::string caption(const Claim& claim, Random& random) {
  constexpr double kPlain = 0.3, kTerse = 0.03, kTurned = 0.25;
  const Claim& said = chance(random, kTurned) ? turned(claim) : claim;
  const double style = uniform(random, 0, 1);
  if (style < kPlain) return plain_caption(said);
  return Writer(&random, /*terse=*/style < kPlain + kTerse).caption(said);
}

std::string plain_caption(const Claim& claim) { return Writer(nullptr).caption(claim); }

std::optional<Claim> parse_caption(std::string_view text) { return Reader(text).claim(); }

std::vector<std::string> known_words() {
  std::set<std::string> words = {"an"};
  add_words(words, shapes());
  add_words(words, colours());
  add_words(words, sizes());
  add_words(words, relations());
  add_words(words, backgrounds());
  add_words(words, articles());
  add_words(words, openings());
  return {words.begin(), words.end()};
}

}  // namespace unclip::world
