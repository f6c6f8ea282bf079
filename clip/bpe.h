#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

}  // namespace unclip
