#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The replacements of characters that a SentencePiece model holds as its `precompiled_charsmap`:
/// a size, a double-array trie of that many bytes, and the replacements, each of which ends with a
/// zero byte. Kudo & Richardson 2018, section 3.2, https://arxiv.org/abs/1808.06226; Aoe 1989 (the
/// double array). It is immutable, so threads may share it.
class CharacterMap {
 public:
  /// A map that replaces nothing.
  CharacterMap() = default;

  /// Checks every unit of the trie and every replacement. Throws Error that begins with `where` if
  /// one leads out of the map.
  static CharacterMap parse(std::string_view bytes, const std::string& where);

  /// The text with its characters replaced as the library tokenizers does. A grapheme cluster of
  /// fewer than six bytes that begins with a key is replaced as a whole; otherwise each of its
  /// characters is. The shortest key counts.
  std::u32string normalize(std::u32string_view text) const;

 private:
  std::optional<std::string_view> find(std::string_view text) const;

  std::vector<uint32_t> units_;
  std::string replacements_;
};

}  // namespace unclip
