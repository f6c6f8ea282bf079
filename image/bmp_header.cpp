#include "image/bmp_header.h"

#include <cstdlib>

namespace unclip {
namespace {

/// The little-endian number of 2 or 4 bytes at `offset`; 0 past the end.
int64_t number_at(std::string_view bytes, size_t offset, size_t size) {
  int64_t value = 0;
  if (offset + size > bytes.size()) return 0;
  for (size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

}  // namespace

BmpHeader::BmpHeader(std::string_view bytes)
    : size(number_at(bytes, 14, 4)), first_row(number_at(bytes, 10, 4)) {
  const bool os2 = size == 12;
  width = os2 ? number_at(bytes, 18, 2) : static_cast<int32_t>(number_at(bytes, 18, 4));
  height = os2 ? number_at(bytes, 20, 2) : static_cast<int32_t>(number_at(bytes, 22, 4));
  bits = number_at(bytes, os2 ? 24 : 28, 2);
  compression = size >= 20 ? number_at(bytes, 30, 4) : 0;
  colours = size >= 36 ? number_at(bytes, 46, 4) : 0;
  alpha_mask = size >= 56 ? number_at(bytes, 66, 4) : 0;
}

int64_t byte_count_of_rows(const BmpHeader& header) {
  return std::abs(header.height) * ((header.width * header.bits + 31) / 32 * 4);
}

}  // namespace unclip
