#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unclip {

// What the tokenizer needs of Unicode, from ICU. The answers are those of the reference
// (tokenizers 0.23), whose parts follow different versions of Unicode; each function says which,
// and gives the same whichever later version ICU has.

/// Nothing where the bytes are not UTF-8.
std::optional<std::u32string> from_utf8(std::string_view bytes);
std::string to_utf8(std::u32string_view text);

/// Categories L and N, Unicode 16.
bool is_letter(char32_t c);
bool is_number(char32_t c);
/// White_Space.
bool is_space(char32_t c);
/// What `\w` means in Unicode's regular expressions: letters, marks, digits, joiners.
/// UTS #18, annex C, https://www.unicode.org/reports/tr18/
bool is_word(char32_t c);

/// Every code point in lower case by itself, Unicode 17: no final sigma, and U+0130 is i, U+0307.
std::u32string to_lower(std::u32string_view text);

/// Normalization form C, Unicode 9: what is newer stays as it is.
std::u32string nfc(std::u32string_view text);

}  // namespace unclip
