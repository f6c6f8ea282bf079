#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace unclip {

class Font;

/// The largest size of a drawn text.
struct TextRoom {
  int64_t width;      ///< columns
  int64_t lines = 1;  ///< each of the font's line_height()
};

/// Draws a text: UTF-8 -> the share of each pixel that it covers, (number of lines * line_height,
/// w) float32 in [0, 1], w <= room.width. Lines are broken between words if possible; a text that
/// is too long is cut off and ends with an ellipsis. Control characters become spaces, and bytes
/// that are not UTF-8 become U+FFFD. Time and memory depend on the room, not on the text's length.
at::Tensor draw_text(std::string_view text, const Font& font, const TextRoom& room);

}  // namespace unclip
