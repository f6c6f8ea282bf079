#pragma once

#include <cstddef>
#include <string_view>

namespace unclip {

/// The number of code points in the extended grapheme cluster at the start of the text, which is
/// not empty. Unicode 17.0, UAX #29, section 3.1.1, https://www.unicode.org/reports/tr29
size_t first_grapheme(std::u32string_view text);

}  // namespace unclip
