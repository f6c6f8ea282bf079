#include "clip/character_map.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "clip/graphemes.h"
#include "clip/unicode.h"

namespace unclip {
namespace {

// A unit of the double array, in the layout of darts-clone.
class TrieUnit {
 public:
  explicit TrieUnit(uint32_t bits) : bits_(bits) {}

  bool is_value() const { return (bits_ >> 31) != 0; }
  uint32_t value() const { return bits_ & 0x7FFFFFFFU; }
  bool ends_key() const { return (bits_ & 0x100U) != 0; }
  // Equals a byte only if the unit is a node that the byte leads to.
  uint32_t label() const { return bits_ & 0x800000FFU; }
  uint32_t offset() const { return (bits_ >> 10) << ((bits_ & 0x200U) >> 6); }

 private:
  uint32_t bits_;
};

uint32_t little_endian_32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  }
  return value;
}

// A walk that is at unit i goes on to unit (i ^ offset) ^ byte, for any byte.
void check_trie(const std::vector<uint32_t>& units, std::string_view replacements,
                const std::string& where) {
  for (size_t i = 0; i < units.size(); ++i) {
    const TrieUnit unit(units[i]);
    if (i != 0 && unit.is_value()) continue;  // no byte leads to it
    const size_t next = i ^ unit.offset();
    if ((next | 0xFFU) >= units.size()) {
      fail(where, ": unit ", i, " of the trie: expected an offset within its ", units.size(),
           " units, got ", unit.offset());
    }
    if (!unit.ends_key()) continue;
    const auto value = TrieUnit(units[next]).value();
    const bool is_begin =
        value < replacements.size() && (static_cast<uint8_t>(replacements[value]) & 0xC0U) != 0x80U;
    if (!is_begin) {
      fail(where, ": unit ", i, " of the trie: expected the place of a replacement among ",
           replacements.size(), " bytes, got ", value);
    }
  }
}

}  // namespace

CharacterMap CharacterMap::parse(std::string_view bytes, const std::string& where) {
  constexpr size_t kSize = sizeof(uint32_t);
  if (bytes.size() < kSize) {
    fail(where, ": expected at least ", kSize, " bytes, got ", bytes.size());
  }
  const size_t trie_size = little_endian_32(bytes, 0);
  if (trie_size == 0 || trie_size % kSize != 0 || trie_size >= bytes.size() - kSize) {
    fail(where, ": expected a trie of a multiple of 4 bytes, less than ", bytes.size() - kSize,
         ", got ", trie_size);
  }
  CharacterMap map;
  for (size_t at = kSize; at < kSize + trie_size; at += kSize) {
    map.units_.push_back(little_endian_32(bytes, at));
  }
  map.replacements_ = bytes.substr(kSize + trie_size);
  if (!is_utf8(map.replacements_)) fail(where, ": its replacements are not UTF-8");
  if (map.replacements_.back() != '\0') {
    fail(where, ": expected a zero byte after the last replacement, got ",
         int{static_cast<uint8_t>(map.replacements_.back())});
  }
  check_trie(map.units_, map.replacements_, where);
  return map;
}

std::optional<std::string_view> CharacterMap::find(std::string_view text) const {
  size_t node = TrieUnit(units_[0]).offset();
  for (const char character : text) {
    const auto byte = static_cast<uint8_t>(character);
    if (byte == 0) return std::nullopt;
    node ^= byte;
    const TrieUnit unit(units_[node]);
    if (unit.label() != byte) return std::nullopt;
    node ^= unit.offset();
    if (unit.ends_key()) {
      const auto begin = TrieUnit(units_[node]).value();
      return std::string_view(replacements_.c_str() + begin);
    }
  }
  return std::nullopt;
}

std::u32string CharacterMap::normalize(std::u32string_view text) const {
  constexpr size_t kLongCluster = 6;
  if (units_.empty()) return std::u32string(text);
  std::string result;
  while (!text.empty()) {
    const auto characters = text.substr(0, first_grapheme(text));
    text.remove_prefix(characters.size());
    const auto cluster = to_utf8(characters);
    if (cluster.size() < kLongCluster) {
      if (const auto replacement = find(cluster)) {
        result += *replacement;
        continue;
      }
    }
    for (const auto c : characters) {
      const auto character = to_utf8({&c, 1});
      result += find(character).value_or(character);
    }
  }
  return from_utf8(result).value();
}

}  // namespace unclip
