#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace unclip {

/// A token that is found in the text before it is cut into words. The fields bear the JSON's names.
struct AddedToken {
  std::string content;  ///< UTF-8
  int64_t id = 0;
  bool single_word = false;  ///< not where a letter, mark or digit touches it
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space after it
  bool normalized = false;   ///< is looked for, and looked for in, normalized text
};

/// Finds tokens in a text, the longest of those that begin at the leftmost place.
class AddedTokens {
 public:
  /// A stretch of the text: a token, or what lies between tokens.
  struct Piece {
    std::u32string_view text;
    std::optional<int64_t> id;
  };

  /// Tokens without content are never found. Throws Error where two have the same content.
  explicit AddedTokens(const std::vector<AddedToken>& tokens);

  /// The text in pieces, none of them empty. They point into it.
  std::vector<Piece> split(std::u32string_view text) const;

 private:
  struct Pattern {
    std::u32string content;
    AddedToken token;
  };
  const Pattern* match(std::u32string_view text) const;

  std::unordered_map<char32_t, std::vector<Pattern>> by_first_;  // the longest first
};

}  // namespace unclip
