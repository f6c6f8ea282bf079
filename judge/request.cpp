#include "judge/request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace unclip::judge {

namespace {

using namespace std::string_view_literals;

const std::map<std::string_view, Shape> kShapes = {
    {"ball", Shape::kBall},    {"sphere", Shape::kBall},       {"orb", Shape::kBall},
    {"cube", Shape::kCube},    {"box", Shape::kCube},          {"block", Shape::kCube},
    {"can", Shape::kCylinder}, {"cylinder", Shape::kCylinder}, {"tube", Shape::kCylinder},
    {"cone", Shape::kCone},    {"ring", Shape::kRing},         {"doughnut", Shape::kRing},
    {"donut", Shape::kRing},   {"torus", Shape::kRing},        {"star", Shape::kStar}};

const std::map<std::string_view, Colour> kColourWords = {
    {"red", Colour::kRed},       {"orange", Colour::kOrange}, {"yellow", Colour::kYellow},
    {"green", Colour::kGreen},   {"blue", Colour::kBlue},     {"purple", Colour::kPurple},
    {"violet", Colour::kPurple}, {"pink", Colour::kPink},     {"brown", Colour::kBrown}};

const std::map<std::string_view, Size> kSizes = {{"small", Size::kSmall},  {"tiny", Size::kSmall},
                                                 {"little", Size::kSmall}, {"mini", Size::kSmall},
                                                 {"big", Size::kBig},      {"large", Size::kBig},
                                                 {"huge", Size::kBig}};

const std::map<std::string_view, Background> kBackgroundWords = {{"white", Background::kWhite},
                                                                 {"sky", Background::kSky},
                                                                 {"mint", Background::kMint},
                                                                 {"night", Background::kNight}};

// Longer phrases come before those that they begin or end with.
const std::vector<std::pair<std::vector<std::string_view>, Relation>> kRelations = {
    {{"left", "of"}, Relation::kLeftOf},
    {{"right", "of"}, Relation::kRightOf},
    {{"on", "top", "of"}, Relation::kAbove},
    {{"above"}, Relation::kAbove},
    {{"over"}, Relation::kAbove},
    {{"below"}, Relation::kBelow},
    {{"under"}, Relation::kBelow},
    {{"underneath"}, Relation::kBelow},
    {{"beneath"}, Relation::kBelow},
    {{"next", "to"}, Relation::kNextTo},
    {{"beside"}, Relation::kNextTo},
    {{"and"}, Relation::kAnyPlace},
    {{"with"}, Relation::kAnyPlace}};

// Words that connect others and have no meaning of their own here.
constexpr std::array kFillers = {
    ","sv,     "a"sv,      "an"sv,      "the"sv,     "one"sv,   "on"sv,    "to"sv,        "of"sv,
    "in"sv,    "at"sv,     "by"sv,      "is"sv,      "front"sv, "side"sv,  "hand"sv,      "that"sv,
    "there"sv, "stands"sv, "against"sv, "picture"sv, "photo"sv, "image"sv, "background"sv};

// The words in lower case; a comma is a word of its own.
std::vector<std::string> words_of(std::string_view caption) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : caption) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) || byte >= 0x80 || c == '\'';
    if (letter && inside) {
      words.back() += static_cast<char>(std::tolower(byte));
    } else if (letter || c == ',') {
      words.emplace_back(1, static_cast<char>(std::tolower(byte)));
    }
    inside = letter;
  }
  return words;
}

template <class Word>
std::optional<Word> look_up(const std::map<std::string_view, Word>& table, std::string_view word) {
  const auto found = table.find(word);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

// Reads word by word; adjectives are kept until the shape that they describe.
class Parser {
 public:
  explicit Parser(std::string_view caption) : words_(words_of(caption)) {}

  Request parse() {
    while (next_ < words_.size()) {
      if (!take_background() && !take_relation() && !take_description()) take_filler();
    }
    if (waiting_.colour || waiting_.size) fail("a caption ends before it names a shape");
    if (request_.objects.empty()) fail("a caption names no object; say, \"a red ball\"");
    if (relation_ && request_.objects.size() < 2) {
      fail("a caption has a relation (\"", name(*relation_), "\") but one object");
    }
    request_.relation = relation_.value_or(Relation::kAnyPlace);
    return request_;
  }

 private:
  const std::string& word() const { return words_[next_]; }

  static bool describes_object(std::string_view word) {
    return kSizes.contains(word) || kColourWords.contains(word) || kShapes.contains(word);
  }

  // "under the sky" and "at night" are backgrounds, "under the ball" is not.
  bool take_background() {
    size_t at = next_;
    if (word() == "under") {
      ++at;
      while (at < words_.size() && words_[at] == "the") ++at;
    }
    std::optional<Background> found;
    while (at < words_.size() && look_up(kBackgroundWords, words_[at])) {
      // "the night sky" means night.
      if (found != Background::kNight) found = look_up(kBackgroundWords, words_[at]);
      ++at;
    }
    if (!found) return false;
    if (background_ && *background_ != *found) {
      fail("a caption has two backgrounds, ", name(*background_), " and ", name(*found));
    }
    if (waiting_.colour || waiting_.size)
      fail("'", words_[at - 1], "' is no shape of the toy world");
    if (at < words_.size() && describes_object(words_[at])) {
      fail("'", words_[at - 1], "' is a background, not what '", words_[at], "' can be");
    }
    background_ = found;
    request_.background = *found;
    next_ = at;
    return true;
  }

  bool take_relation() {
    for (const auto& [phrase, relation] : kRelations) {
      if (words_.size() - next_ < phrase.size()) continue;
      if (!std::equal(phrase.begin(), phrase.end(), words_.begin() + static_cast<long>(next_))) {
        continue;
      }
      if (request_.objects.size() != 1 || relation_ || waiting_.colour || waiting_.size) {
        fail("'", word(), "' does not stand between two objects");
      }
      relation_ = relation;
      next_ += phrase.size();
      return true;
    }
    return false;
  }

  bool take_description() {
    if (const auto size = look_up(kSizes, word())) {
      if (waiting_.size) fail("an object has two sizes before '", word(), "' is through");
      waiting_.size = size;
    } else if (const auto colour = look_up(kColourWords, word())) {
      if (waiting_.colour) fail("an object has two colours, the second is '", word(), "'");
      waiting_.colour = colour;
    } else if (const auto shape = look_up(kShapes, word())) {
      if (request_.objects.size() == 2) fail("a caption has more than two objects");
      waiting_.shape = *shape;
      request_.objects.push_back(std::exchange(waiting_, Wanted{}));
    } else {
      return false;
    }
    ++next_;
    return true;
  }

  void take_filler() {
    // "left" and "right" lead "left of" after "on the" or "to the", and "left side of".
    const bool side = (word() == "left" || word() == "right") && next_ + 2 < words_.size() &&
                      (words_[next_ + 1] == "side" || words_[next_ + 1] == "hand");
    if (side) {
      words_[next_ + 1] = word();
    } else if (std::find(kFillers.begin(), kFillers.end(), word()) == kFillers.end()) {
      fail("'", word(), "' is not a word that the judge of the toy world knows");
    }
    ++next_;
  }

  std::vector<std::string> words_;
  size_t next_ = 0;
  Wanted waiting_;
  Request request_;
  std::optional<Relation> relation_;
  std::optional<Background> background_;
};

}  // namespace

Request parse_request(std::string_view caption) { return Parser(caption).parse(); }

}  // namespace unclip::judge
