#include "world/picturebook/caption.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "world/picturebook/phrases.h"

namespace unclip::world::picturebook {
namespace {

// Whether a word takes "an".
bool begins_with_vowel(std::string_view word) {
  if (word.starts_with("uni") || word.starts_with("ufo")) return false;
  return !word.empty() && std::string_view("aeiou").find(word[0]) != word.npos;
}

const std::vector<Wording>& articles_of(Kind kind, std::string_view noun) {
  if (kind.is_solid()) return articles();
  const ObjectKind& object = object_kinds()[static_cast<size_t>(kind.index())];
  if (noun != object.names.front().one) return articles();
  return object.mass ? mass_articles() : object.definite ? definite_articles() : articles();
}

// Puts a caption together; without a source of randomness every wording is the plain one.
class Writer {
 public:
  explicit Writer(Random* random, bool terse = false) : random_(random), terse_(terse) {}

  std::string caption(const Claim& claim) {
    const bool lively = random_ && !terse_;
    const bool background_first = claim.background && lively && chance(*random_, 0.04);
    if (background_first) {
      append(choose(backgrounds(), *claim.background));
      append(",");
    } else if (lively) {
      append(choose(openings(claim.objects[0].count > 1)));
    }
    add_object(claim.objects[0]);
    if (claim.objects.size() == 2) {
      add_relation(claim.relation, lively);
      add_object(claim.objects[1]);
    }
    if (claim.background && !background_first) append(choose(backgrounds(), *claim.background));
    return text_;
  }

 private:
  std::string_view choose(const std::vector<Wording>& list) {
    return random_ ? pick_weighted(*random_, list).text : list.front().text;
  }

  template <class Meaning>
  std::string_view choose(const Phrases<Meaning>& phrases, Meaning meaning) {
    const auto found =
        std::find_if(phrases.begin(), phrases.end(),
                     [&](const Phrase<Meaning>& phrase) { return phrase.meaning == meaning; });
    return found == phrases.end() ? std::string_view() : choose(found->wordings);
  }

  void add_relation(Relation relation, bool lively) {
    if (relation == Relation::kAnd && terse_) return append(",");
    if (relation != Relation::kAnd && lively) append(choose(verbs()));
    append(choose(relations(), relation));
  }

  void add_object(const ObjectClaim& object) {
    const std::string noun(choose(nouns(object.kind, object.count > 1)));
    const std::string size(object.size ? choose(sizes(), *object.size) : "");
    if (object.count > 1) {
      append(choose(counts(), object.count));
    } else if (!terse_) {
      const std::string_view article = choose(articles_of(object.kind, noun));
      const bool vowel = begins_with_vowel(size.empty() ? noun : size);
      append(article == "a" && vowel ? "an" : article);
    }
    append(size);
    append(noun);
  }

  void append(std::string_view words) {
    if (!text_.empty() && !words.empty() && words != ",") text_ += ' ';
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
      spaced += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::istringstream in(spaced);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  if (!words.empty() && words.back().back() == '.') words.back().pop_back();
  return words;
}

struct Noun {
  std::vector<std::string> words;
  Kind kind;
  bool plural;
};

// Every name of every kind. If two are the same ("fish", of one and of two), the singular is first.
const std::vector<Noun>& all_nouns() {
  static const auto all = [] {
    std::vector<Noun> list;
    for (const bool plural : {false, true})
      for (int i = 0; i < kKinds; ++i)
        for (const Wording& noun : nouns(Kind(i), plural))
          list.push_back({split_words(noun.text), Kind(i), plural});
    return list;
  }();
  return all;
}

// Reads the words from the front; what does not match stays.
class Reader {
 public:
  explicit Reader(std::string_view text) : words_(split_words(text)) {}

  std::optional<Claim> claim() {
    take_longest(openings(false)) || take_longest(openings(true));
    Claim claim;
    claim.background = take_one(backgrounds());
    if (claim.background) take({","});
    if (!add_object(claim)) return std::nullopt;
    // "under" is a relation and "under the sky" is not, so the background is tried first.
    if (!claim.background) claim.background = closing_background();
    if (at_end()) return checked(claim);
    if (!add_relation(claim) || !add_object(claim)) return std::nullopt;
    if (!claim.background) claim.background = closing_background();
    return at_end() ? checked(claim) : std::nullopt;
  }

 private:
  bool at_end() const { return next_ == words_.size(); }

  bool starts_with(const std::vector<std::string>& words) const {
    return words.size() <= words_.size() - next_ &&
           std::equal(words.begin(), words.end(),
                      words_.begin() + static_cast<std::ptrdiff_t>(next_));
  }

  bool take(const std::vector<std::string>& words) {
    if (!starts_with(words)) return false;
    next_ += words.size();
    return true;
  }

  // The longest of the wordings that the text goes on with.
  size_t longest(const std::vector<Wording>& list) const {
    size_t length = 0;
    for (const Wording& wording : list) {
      const auto words = split_words(wording.text);
      if (words.size() > length && starts_with(words)) length = words.size();
    }
    return length;
  }

  bool take_longest(const std::vector<Wording>& list) {
    const size_t length = longest(list);
    next_ += length;
    return length > 0;
  }

  template <class Meaning>
  std::optional<Meaning> take_one(const Phrases<Meaning>& phrases) {
    size_t most = 0;
    std::optional<Meaning> found;
    for (const auto& [meaning, wordings] : phrases) {
      const size_t length = longest(wordings);
      if (length <= most) continue;
      most = length;
      found = meaning;
    }
    next_ += most;
    return found;
  }

  std::optional<Background> closing_background() {
    const size_t before = next_;
    take({","});
    const auto background = take_one(backgrounds());
    if (background && at_end()) return background;
    next_ = before;
    return std::nullopt;
  }

  bool add_relation(Claim& claim) {
    take_longest(verbs());
    const bool comma = take({","});
    if (const auto relation = take_one(relations()))
      claim.relation = *relation;
    else if (comma)
      claim.relation = Relation::kAnd;
    else
      return false;
    return true;
  }

  bool add_object(Claim& claim) {
    const int count = take_one(counts()).value_or(1);
    if (count == 1 && !take({"an"})) take_longest({{"a"}, {"the"}, {"one"}, {"some"}});
    const auto size = take_one(sizes());
    const Noun* best = nullptr;
    for (const Noun& noun : all_nouns()) {
      if (noun.plural != (count > 1) || !starts_with(noun.words)) continue;
      if (!best || noun.words.size() > best->words.size()) best = &noun;
    }
    if (!best) return false;
    next_ += best->words.size();
    claim.objects.push_back({best->kind, count, size});
    return true;
  }

  // The claim if there can be such a scene.
  static std::optional<Claim> checked(const Claim& claim) {
    const ObjectClaim& first = claim.objects.front();
    if (claim.objects.size() == 2 && count_objects(claim) != 2) return std::nullopt;
    if (first.count > 2 && first.size) return std::nullopt;
    return claim;
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
  for (const Noun& noun : all_nouns()) words.insert(noun.words.begin(), noun.words.end());
  add_words(words, sizes());
  add_words(words, relations());
  add_words(words, backgrounds());
  add_words(words, counts());
  add_words(words, articles());
  add_words(words, mass_articles());
  add_words(words, openings(false));
  add_words(words, openings(true));
  add_words(words, verbs());
  return {words.begin(), words.end()};
}

}  // namespace unclip::world::picturebook
