#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip::testing {

/// The bytes of a SentencePiece model, put together by hand: whatever the parts say.

inline std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  return bytes + static_cast<char>(value);
}

/// A field of the wire type 0.
inline std::string integer_field(uint64_t number, int64_t value) {
  return varint(number << 3) + varint(static_cast<uint64_t>(value));
}

/// A field of the wire type 2: text, bytes or a message.
inline std::string bytes_field(uint64_t number, std::string_view bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

inline std::string float_field(uint64_t number, float value) {
  std::string bytes = varint(number << 3 | 5);
  for (int i = 0; i < 4; ++i) {
    bytes.push_back(static_cast<char>(std::bit_cast<uint32_t>(value) >> (8 * i)));
  }
  return bytes;
}

inline std::string piece_bytes(std::string_view text, float score, int64_t kind = 1) {
  return bytes_field(1, bytes_field(1, text) + float_field(2, score) + integer_field(3, kind));
}

/// <unk>, <s> and </s>.
inline std::string special_pieces() {
  return piece_bytes("<unk>", 0, 2) + piece_bytes("<s>", 0, 3) + piece_bytes("</s>", 0, 3);
}

/// A whole model of a few pieces.
inline std::string small_model() {
  return special_pieces() + piece_bytes("\u2581", -2) + piece_bytes("a", -3) +
         piece_bytes("ab", -1.5F) + piece_bytes("\u2581b", -2.5F);
}

/// A trainer's specification, a normalizer's with a character map.
inline std::string trainer_bytes(uint64_t number, int64_t value) {
  return bytes_field(2, integer_field(number, value));
}
inline std::string normalizer_bytes(std::string_view map) {
  return bytes_field(3, bytes_field(1, "own") + bytes_field(2, map));
}

/// A trie of 256 units that are 0 but for some, and its replacements.
inline std::string character_map_bytes(const std::vector<std::pair<size_t, uint32_t>>& units,
                                       std::string_view replacements, size_t count = 256) {
  std::vector<uint32_t> trie(count);
  for (const auto& [place, unit] : units) trie[place] = unit;
  std::string bytes;
  const auto append = [&](uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  };
  append(static_cast<uint32_t>(4 * count));
  for (const auto unit : trie) append(unit);
  return bytes.append(replacements);
}

/// A unit that the byte `label` leads to and that leads on to `place ^ offset`.
inline uint32_t trie_node(uint8_t label, uint32_t offset, bool ends_key) {
  return offset << 10 | (ends_key ? 0x100U : 0U) | label;
}
inline uint32_t trie_value(uint32_t value) { return 0x80000000U | value; }

}  // namespace unclip::testing
