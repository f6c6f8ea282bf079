#include "clip/bpe.h"

#include <functional>
#include <queue>
#include <tuple>

#include "base/error.h"

namespace unclip {
namespace {

bool is_visible_in_latin1(int byte) {
  constexpr int kSoftHyphen = 0xAD;
  return (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != kSoftHyphen);
}

// The UTF-8 of U+0001 to U+07FF, the range of the symbols.
std::string utf8(int code_point) {
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | (code_point >> 6)),
          static_cast<char>(0x80 | (code_point & 0x3F))};
}

// A symbol of a word while its symbols are merged; `next` and `previous` are positions in the word.
struct Symbol {
  int64_t id;
  size_t previous;
  size_t next;
  bool is_joined_to_previous = false;
};
constexpr size_t kNone = SIZE_MAX;

// Two neighbours that can be merged. The least candidate is merged first.
struct Candidate {
  size_t rank;
  size_t left;  // position
  int64_t joined;
  bool operator>(const Candidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

uint64_t key(int64_t left, int64_t right) {
  return static_cast<uint64_t>(left) << 32 | static_cast<uint64_t>(right);
}

}  // namespace

const std::array<std::string, 256>& byte_symbols() {
  static const auto symbols = [] {
    std::array<std::string, 256> table;
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      table[byte] = utf8(is_visible_in_latin1(byte) ? byte : next++);
    }
    return table;
  }();
  return symbols;
}

const std::array<uint8_t, 256>& bytes_in_vocabulary_order() {
  static const auto order = [] {
    std::array<uint8_t, 256> bytes;
    size_t size = 0;
    for (const bool visible : {true, false}) {
      for (int byte = 0; byte < 256; ++byte) {
        if (is_visible_in_latin1(byte) == visible) bytes[size++] = static_cast<uint8_t>(byte);
      }
    }
    return bytes;
  }();
  return order;
}

std::vector<std::string> word_symbols(std::string_view word) {
  std::vector<std::string> symbols;
  for (const char c : word) symbols.push_back(byte_symbols()[static_cast<uint8_t>(c)]);
  if (!symbols.empty()) symbols.back() += kEndOfWord;
  return symbols;
}

Bpe::Bpe(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
         std::optional<int64_t> unknown) {
  const auto id_of = [&](const std::string& symbol) {
    const auto it = vocabulary.find(symbol);
    if (it != vocabulary.end()) return it->second;
    if (!unknown) fail("the vocabulary lacks the symbol \"", symbol, "\" and an unknown token");
    return *unknown;
  };
  for (size_t byte = 0; byte < inside_.size(); ++byte) {
    inside_[byte] = id_of(byte_symbols()[byte]);
    at_end_[byte] = id_of(byte_symbols()[byte] + std::string(kEndOfWord));
  }
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    rules_[key(vocabulary.at(left), vocabulary.at(right))] = {rank, vocabulary.at(left + right)};
  }
}

const Bpe::Rule* Bpe::find(int64_t left, int64_t right) const {
  const auto it = rules_.find(key(left, right));
  return it == rules_.end() ? nullptr : &it->second;
}

std::vector<int64_t> Bpe::encode(std::string_view word) const {
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (size_t i = 0; i < word.size(); ++i) {
    const auto byte = static_cast<uint8_t>(word[i]);
    const bool is_last = i + 1 == word.size();
    symbols.push_back(
        {is_last ? at_end_[byte] : inside_[byte], i == 0 ? kNone : i - 1, is_last ? kNone : i + 1});
  }

  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](size_t left) {
    if (left == kNone || symbols[left].next == kNone) return;
    const auto* rule = find(symbols[left].id, symbols[symbols[left].next].id);
    if (rule) candidates.push({rule->rank, left, rule->joined});
  };
  for (size_t i = 0; i < symbols.size(); ++i) consider(i);

  while (!candidates.empty()) {
    const auto best = candidates.top();
    candidates.pop();
    auto& left = symbols[best.left];
    if (left.is_joined_to_previous || left.next == kNone) continue;
    auto& right = symbols[left.next];
    const auto* rule = find(left.id, right.id);
    if (!rule || rule->joined != best.joined) continue;  // one of the two has been merged since

    left.id = best.joined;
    left.next = right.next;
    right.is_joined_to_previous = true;
    if (left.next != kNone) symbols[left.next].previous = best.left;
    consider(left.previous);
    consider(best.left);
  }

  std::vector<int64_t> ids;
  for (const auto& symbol : symbols) {
    if (!symbol.is_joined_to_previous) ids.push_back(symbol.id);
  }
  return ids;
}

}  // namespace unclip
