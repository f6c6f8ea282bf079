#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace unclip {

/// Ends the last symbol of a word, so that a word's end differs from its middle.
inline constexpr std::string_view kEndOfWord = "</w>";

/// Two symbols that are joined into one.
using Merge = std::pair<std::string, std::string>;

/// The visible character, in UTF-8, that stands for each byte in a vocabulary: itself where it is
/// visible in Latin-1, else U+0100 and on. Radford et al. 2019, section 2.2 (byte-level BPE).
const std::array<std::string, 256>& byte_symbols();

/// The bytes in the order in which a CLIP vocabulary numbers them, visible ones first.
const std::array<uint8_t, 256>& bytes_in_vocabulary_order();

/// A word's bytes as symbols, the last one with kEndOfWord. An empty word has none.
std::vector<std::string> word_symbols(std::string_view word);

/// Byte-pair encoding by a learned vocabulary. It does not change, so threads may share it.
class Bpe {
 public:
  using Vocabulary = std::unordered_map<std::string, int64_t>;

  /// `merges` in the order in which they were learned; of two that are equal the later one counts.
  /// The vocabulary has both parts of each and what they make (else std::out_of_range).
  /// `unknown` is the id of a byte whose symbol it lacks. Throws Error where it lacks one and there
  /// is no such id.
  Bpe(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
      std::optional<int64_t> unknown);

  /// The ids of a word, given as bytes: of all pairs of neighbours the one that was learned first
  /// is joined, the leftmost of equal ones, until none is left.
  std::vector<int64_t> encode(std::string_view word) const;

 private:
  struct Rule {
    size_t rank;
    int64_t joined;
  };
  const Rule* find(int64_t left, int64_t right) const;

  std::array<int64_t, 256> inside_{};  // the id of each byte within a word
  std::array<int64_t, 256> at_end_{};  // and at its end
  std::unordered_map<uint64_t, Rule> rules_;
};

}  // namespace unclip
