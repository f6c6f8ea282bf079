#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace unclip {

/// A token that is searched for in the text before the text is split into words. The fields bear
/// the JSON's names.
struct AddedToken {
  std::string content;  ///< UTF-8
  int64_t id = 0;
  bool single_word = false;  ///< not found next to a letter, mark or digit
  bool lstrip = false;       ///< includes the white space before it
  bool rstrip = false;       ///< includes the white space after it
  bool normalized = false;   ///< both it and the text are normalized before the search
};

/// Finds tokens in a text: the leftmost first, and the longest of those that begin at the same
/// place.
class AddedTokens {
 public:
  /// A part of the text: a token, or the text between two tokens.
  struct Piece {
    std::u32string_view text;
    std::optional<int64_t> id;
  };

  /// Tokens without content are never found. Throws Error if two have the same content.
  explicit AddedTokens(const std::vector<AddedToken>& tokens);

  /// Splits the text into pieces, none of which is empty. They point into the text.
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
