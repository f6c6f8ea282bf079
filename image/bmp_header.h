#pragma once

#include <cstdint>
#include <string_view>

namespace unclip {

/// The header of a BMP, as it is in the file, unchecked. Fields behind the end of the file are 0.
/// Microsoft, "BITMAPINFOHEADER", https://learn.microsoft.com/windows/win32/api/wingdi/
struct BmpHeader {
  explicit BmpHeader(std::string_view bytes);

  int64_t size;       ///< of the header behind the file's first 14 bytes; 12: OS/2's
  int64_t first_row;  ///< where the pixels begin in the file
  int64_t width;
  int64_t height;  ///< below 0 if the rows begin at the top
  int64_t bits;    ///< of a pixel
  int64_t compression;
  int64_t colours;     ///< in the table of colours; 0: as many as the bits can name
  int64_t alpha_mask;  ///< of a pixel's bits
};

/// How many bytes the uncompressed rows take: each is a multiple of 4 bytes.
int64_t byte_count_of_rows(const BmpHeader& header);

}  // namespace unclip
