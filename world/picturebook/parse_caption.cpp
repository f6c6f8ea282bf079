#include <algorithm>

#include "world/picturebook/caption.h"
#include "world/picturebook/phrases.h"

namespace unclip::world::picturebook {
namespace {

struct Noun {
  std::vector<std::string> words;
  Kind kind;
  bool plural;
};

// Every name of every kind. If two are the same (such as "fish", singular and plural), the singular
// is first.
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

// Reads the words from the front; words that do not match are left in place.
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

  // The number of words of the longest wording with which the text continues.
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

  // The claim, if there can be such a scene.
  static std::optional<Claim> checked(const Claim& claim) {
    const ObjectClaim& first = claim.objects.front();
    if (claim.objects.size() == 2 && count_objects(claim) != 2) return std::nullopt;
    if (first.count > 2 && first.size) return std::nullopt;
    return claim;
  }

  std::vector<std::string> words_;
  size_t next_ = 0;
};

}  // namespace

std::optional<Claim> parse_caption(std::string_view text) { return Reader(text).claim(); }

}  // namespace unclip::world::picturebook
