#include "image/image_orientation.h"

#include <optional>
#include <string>
#include <string_view>

#include "image/exif.h"

namespace unclip {
namespace {

/// The value of the first `tiff:Orientation` that is an attribute or an element with a digit.
std::optional<int> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (auto at = xmp.find(kName); at != xmp.npos; at = xmp.find(kName, at + 1)) {
    auto value = xmp.substr(at + kName.size());
    if (value.starts_with("=\"")) {
      value.remove_prefix(2);
    } else if (value.starts_with(">")) {
      value.remove_prefix(1);
    } else {
      continue;
    }
    if (value.empty() || value[0] < '0' || value[0] > '9') continue;
    const int orientation = value[0] - '0';
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return std::nullopt;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The bytes of a profile in ImageMagick's text: an empty line, the profile's name, its size, then
/// hexadecimal lines. Empty if the text has another form.
std::string bytes_of_raw_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const auto end = text.find('\n');
    if (end == text.npos) return "";
    text.remove_prefix(end + 1);
  }
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    const int low = digit(c);
    if (low < 0) return "";
    if (high < 0) {
      high = low;
    } else {
      bytes += static_cast<char>(high << 4 | low);
      high = -1;
    }
  }
  return high < 0 ? bytes : "";
}

/// The last text of the keyword; empty if there is none.
std::string_view text_of(const ImageMetadata& metadata, std::string_view keyword) {
  std::string_view found;
  for (const auto& text : metadata.texts) {
    if (text.keyword == keyword) found = text.text;
  }
  return found;
}

}  // namespace

int image_orientation(const ImageMetadata& metadata) {
  if (metadata.orientation) return *metadata.orientation;
  const auto exif = metadata.exif.empty()
                        ? bytes_of_raw_profile(text_of(metadata, "Raw profile type exif"))
                        : metadata.exif;
  if (const auto orientation = exif_orientation(exif)) return *orientation;
  const auto in_texts = text_of(metadata, "XML:com.adobe.xmp");
  return xmp_orientation(in_texts.empty() ? metadata.xmp : in_texts).value_or(1);
}

}  // namespace unclip
