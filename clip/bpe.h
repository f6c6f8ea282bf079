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

/// The end of the last symbol of a word, which makes it differ from symbols within words.
inline constexpr std::string_view kEndOfWord = "</w>";

/// Two symbols that are joined into one.
using Merge = std::pair<std::string, std::string>;

/// The visible character, in UTF-8, that represents each byte in a vocabulary: the byte's own
/// character if it is visible in Latin-1, otherwise one from U+0100 on. Radford et al. 2019,
/// section 2.2 (byte-level BPE).
const std::array<std::string, 256>& byte_symbols();

/// The bytes in the order in which a CLIP vocabulary numbers them, visible ones first.
const std::array<uint8_t, 256>& bytes_in_vocabulary_order();

/// A word's bytes as symbols, the last one with kEndOfWord appended. An empty word has none.
std::vector<std::string> word_symbols(std::string_view word);

/// Byte-pair encoding with a learned vocabulary. It is immutable, so threads may share it.
class Bpe {
 public:
  using Vocabulary = std::unordered_map<std::string, int64_t>;

  /// `merges` are in the order in which they were learned; of two equal ones the later counts. The
  /// vocabulary must have both parts of each merge and their result; otherwise std::out_of_range is
  /// thrown. `unknown` is the id of bytes whose symbol the vocabulary lacks. Throws Error if it
  /// lacks one and there is no such id.
  Bpe(const Vocabulary& vocabulary, const std::vector<Merge>& merges,
      std::optional<int64_t> unknown);

  /// The ids of a word, given as bytes. As long as two neighbouring symbols can be merged, it
  /// merges the pair that was learned first, and of equal pairs the leftmost.
  std::vector<int64_t> encode(std::string_view word) const;

 private:
  struct Rule {
    size_t rank;
    int64_t joined;
  };
  const Rule* find(int64_t left, int64_t right) const;

  std::array<int64_t, 256> inside_{};  // the id of each byte within a word
  std::array<int64_t, 256> at_end_{};  // the id of each byte at a word's end
  std::unordered_map<uint64_t, Rule> rules_;
};

}  // namespace unclip
