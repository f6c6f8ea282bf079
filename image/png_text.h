#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// A text stored in a PNG.
struct PngText {
  std::string keyword;  ///< 1 to 79 Latin-1 letters, digits, signs and single inner spaces
  std::string text;     ///< UTF-8

  bool operator==(const PngText&) const = default;
};

/// The PNG with the texts inserted before its end: as tEXt if a text is Latin-1, otherwise as iTXt.
/// A zero byte, which neither can hold, becomes U+FFFD; CR LF and CR become LF.
/// W3C PNG 2003, section 11.3.4, https://www.w3.org/TR/2003/REC-PNG-20031110/#11textinfo
std::string with_texts(std::string_view png, const std::vector<PngText>& texts);

/// Latin-1 bytes as UTF-8.
std::string utf8_from_latin1(std::string_view latin1);

}  // namespace unclip
