#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

namespace unclip {

class Font;

/// The room that a text may take.
struct TextRoom {
  int64_t width;      ///< columns
  int64_t lines = 1;  ///< of the font's height
};

/// How much of each pixel a text covers: UTF-8 -> (lines it takes * line_height, w) float32 in
/// [0, 1], w <= room.width. It is broken between words where it can be; what has no room is left
/// away, and an ellipsis tells so. Control characters are spaces, bytes that are not UTF-8 U+FFFD.
/// Time and memory depend on the room, not on the text's length.
at::Tensor draw_text(std::string_view text, const Font& font, const TextRoom& room);

}  // namespace unclip
