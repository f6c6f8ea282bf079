#pragma once

#include <cstdint>
#include <string>

namespace unclip {

/// The four bytes of a number, the most significant first, as in the segments of PNG and JPEG.
inline std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

}  // namespace unclip
