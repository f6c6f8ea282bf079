#include "judge/picturebook/request.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/nearest_name.h"

namespace unclip::judge::picturebook {
namespace {

using Words = std::vector<std::string>;

struct Noun {
  int kind;
  bool one, many;
};
struct Count {
  int count;
};
struct Filler {};
using Meaning = std::variant<Filler, Noun, Count, Size, Relation, Background>;

struct Entry {
  Words words;
  Meaning meaning;
};

// The words in lower case, without punctuation except commas, which are words of their own.
Words split_words(std::string_view text) {
  Words words;
  bool inside = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool letter = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80;
    if (letter && inside) {
      words.back() += small;
    } else if (letter || c == ',') {
      words.emplace_back(1, small);
    }
    inside = letter;
  }
  return words;
}

const std::pair<Meaning, std::vector<const char*>> kPhrases[] = {
    {Size::kSmall, {"small", "tiny", "little", "mini"}},
    {Size::kBig, {"big", "large", "huge"}},
    {Count{2}, {"two", "2", "a pair of", "a couple of"}},
    {Count{3}, {"three", "3"}},
    {Count{4}, {"four", "4"}},
    {Relation::kLeftOf, {"left of", "left side of", "left hand side of"}},
    {Relation::kRightOf, {"right of", "right side of", "right hand side of"}},
    {Relation::kAbove, {"above", "over", "on top of"}},
    {Relation::kBelow, {"below", "under", "underneath", "beneath"}},
    {Relation::kNextTo, {"next to", "beside", "near", "by"}},
    {Relation::kAnyPlace, {"and", "with"}},
    {Background::kWhite, {"white"}},
    {Background::kSky, {"sky", "under the sky"}},
    {Background::kMint, {"mint"}},
    {Background::kNight, {"night", "night sky", "under the night sky"}},
    {Background::kGrass, {"grass", "green grass", "meadow", "field", "lawn"}},
    {Background::kSea, {"sea", "ocean", "water"}},
    {Background::kBeach, {"beach", "sand"}},
    {Background::kSnow, {"snow", "winter"}},
    {Background::kDesert, {"desert"}},
    {Background::kSunset, {"sunset", "dusk", "evening"}},
    {Background::kStars,
     {"stars", "under the stars", "starry night", "starry sky", "under a starry sky",
      "under a starry night", "under the starry sky", "night with stars", "night under the stars"}},
    {Filler{}, {",",     "a",       "an",       "the",          "one",        "some",
                "on",    "to",      "of",       "in",           "at",         "is",
                "are",   "front",   "that",     "there",        "stands",     "standing",
                "sits",  "sitting", "placed",   "against",      "picture",    "photo",
                "image", "drawing", "painting", "illustration", "background", "draw",
                "paint", "please",  "i",        "see",          "me",         "show"}}};

// For every first word, the entries that begin with it, the longest first.
const std::map<std::string, std::vector<Entry>>& vocabulary() {
  static const auto made = [] {
    std::map<std::string, std::vector<Entry>> all;
    const auto add = [&](const std::string& text, const Meaning& meaning) {
      const Words words = split_words(text);
      all[words.front()].push_back({words, meaning});
    };
    for (const auto& [meaning, texts] : kPhrases)
      for (const char* text : texts) add(text, meaning);
    for (int kind = 0; kind < kKinds; ++kind) {
      const auto& [one, many] = names_of(kind);
      const auto contains = [](const auto& list, const std::string& text) {
        return std::find(list.begin(), list.end(), text) != list.end();
      };
      for (const auto& text : one) add(text, Noun{kind, true, contains(many, text)});
      for (const auto& text : many)
        if (!contains(one, text)) add(text, Noun{kind, false, true});
    }
    for (auto& item : all) {
      std::stable_sort(item.second.begin(), item.second.end(), [](const Entry& a, const Entry& b) {
        return a.words.size() > b.words.size();
      });
    }
    return all;
  }();
  return made;
}

// The known word nearest to `word`; of equally near ones, one with the same first letter. Empty if
// all letters differ.
std::string nearest_word(const std::string& word) {
  std::string best;
  std::pair least(word.size(), false);
  for (const auto& [first, entries] : vocabulary()) {
    for (const Entry& entry : entries) {
      for (const std::string& candidate : entry.words) {
        const std::pair next(edit_distance(word, candidate), candidate[0] != word[0]);
        if (next >= least) continue;
        least = next;
        best = candidate;
      }
    }
  }
  return best;
}

// Reads phrase by phrase; count and size are kept until their noun.
class Parser {
 public:
  explicit Parser(std::string_view caption) : words_(split_words(caption)) {}

  Request parse() {
    while (next_ < words_.size()) {
      const Entry& entry = next_entry();
      std::visit([this](const auto& meaning) { take(meaning); }, entry.meaning);
      next_ += entry.words.size();
    }
    if (size_ || count_) fail("expected an object at the end of the caption, found none");
    if (request_.objects.empty())
      fail("expected an object in the caption, as in \"a cat\", found none");
    const auto& objects = request_.objects;
    if (relation_ && objects.size() < 2) {
      fail("expected two objects around '", name(*relation_), "', found one");
    }
    if (objects.size() == 2 && objects[0].count + objects[1].count > 2) {
      fail("expected a count with one kind of object, found two kinds");
    }
    request_.relation = relation_.value_or(Relation::kAnyPlace);
    return request_;
  }

 private:
  const Entry& next_entry() const {
    const std::string& word = words_[next_];
    const auto found = vocabulary().find(word);
    if (found != vocabulary().end()) {
      for (const Entry& entry : found->second) {
        if (entry.words.size() > words_.size() - next_) continue;
        if (std::equal(entry.words.begin(), entry.words.end(),
                       words_.begin() + static_cast<std::ptrdiff_t>(next_)))
          return entry;
      }
    }
    const std::string near = nearest_word(word);
    fail("expected words of the picture book, found '", word, "'",
         near.empty() ? "" : "; did you mean '" + near + "'?");
  }

  void take(Filler) {}

  void take(Count count) {
    if (count_ || size_)
      fail("expected an object after its count or size, found '", words_[next_], "'");
    count_ = count.count;
  }

  void take(Size size) {
    if (size_) fail("expected an object after its size, found '", words_[next_], "'");
    size_ = size;
  }

  void take(const Noun& noun) {
    const int count = count_.value_or(1);
    if (count == 1 ? !noun.one : !noun.many) {
      fail("expected ", count == 1 ? "one of something or a count" : "several", ", found '",
           words_[next_], "'");
    }
    if (request_.objects.size() == 2)
      fail("expected at most two kinds of objects, found '", words_[next_], "' after two");
    request_.objects.push_back({noun.kind, count, std::exchange(size_, std::nullopt)});
    count_ = std::nullopt;
  }

  void take(Relation relation) {
    if (request_.objects.size() != 1 || relation_ || size_ || count_) {
      fail("expected an object before and after '", words_[next_], "', found none");
    }
    relation_ = relation;
  }

  void take(Background background) {
    if (size_ || count_)
      fail("expected an object after its count or size, found '", words_[next_], "'");
    if (background_ && *background_ != background) {
      fail("expected one background, found ", name(*background_), " and ", name(background));
    }
    background_ = background;
    request_.background = background;
  }

  Words words_;
  size_t next_ = 0;
  Request request_;
  std::optional<int> count_;
  std::optional<Size> size_;
  std::optional<Relation> relation_;
  std::optional<Background> background_;
};

}  // namespace

Request parse_request(std::string_view caption) { return Parser(caption).parse(); }

}  // namespace unclip::judge::picturebook
