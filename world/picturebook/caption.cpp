#include "world/picturebook/caption.h"

#include <algorithm>
#include <set>

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

// Composes a caption; without a source of randomness every wording is the plain one.
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

std::vector<std::string> known_words() {
  std::set<std::string> words = {"an"};
  for (int kind = 0; kind < kKinds; ++kind) {
    for (const bool plural : {false, true}) add_words(words, nouns(Kind(kind), plural));
  }
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
