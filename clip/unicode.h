#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unclip {

// The functions of Unicode that the tokenizer needs, from ICU. Their results are those of the
// reference (tokenizers 0.23), whose parts follow different versions of Unicode. Each function
// states its version, and its results stay the same if ICU has a later one.

/// The text in code points; nothing if the bytes are not UTF-8.
std::optional<std::u32string> from_utf8(std::string_view bytes);
std::string to_utf8(std::u32string_view text);

/// Whether the character is in category L (is_letter) or N (is_number) of Unicode 16.
bool is_letter(char32_t c);
bool is_number(char32_t c);
/// Whether the character has the property White_Space.
bool is_space(char32_t c);
/// Whether `\w` in Unicode's regular expressions matches the character: letters, marks, digits,
/// joiners.
/// UTS #18, annex C, https://www.unicode.org/reports/tr18/
bool is_word(char32_t c);

/// Whether the character is a mark that Unicode 16 has and Unicode 15.0 lacked.
bool is_new_mark(char32_t c);

/// Converts each code point to lower case on its own, by Unicode 17: without the rule for a final
/// sigma, and U+0130 becomes i, U+0307.
std::u32string to_lower(std::u32string_view text);

/// Normalization form C by Unicode 9; newer characters stay as they are.
std::u32string nfc(std::u32string_view text);

}  // namespace unclip
