#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace unclip::cli {

/// The escape sequences that show an image (3, H, W) uint8 in a terminal, where the cursor is. The
/// cursor ends below the image, in the first column.

/// By the terminal graphics protocol, as a PNG: https://sw.kovidgoyal.net/kitty/graphics-protocol/
std::string kitty_image(const at::Tensor& image);

/// By sixels, in at most 256 colours.
/// DEC, VT330/VT340 Programmer Reference Manual, chapter 14,
/// https://vt100.net/docs/vt3xx-gp/chapter14.html
std::string sixel_image(const at::Tensor& image);

/// By the character U+2580, the upper half of a cell, in 24-bit colours: a cell has a pixel above
/// another. With an odd height the last row is repeated.
std::string half_block_image(const at::Tensor& image);

}  // namespace unclip::cli
