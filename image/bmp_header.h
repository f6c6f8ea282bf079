#pragma once

#include <cstdint>
#include <string_view>

namespace unclip {

/// The header of a BMP, as it is in the file, unchecked. Fields past the end of the file are 0.
/// Microsoft, "BITMAPINFOHEADER", https://learn.microsoft.com/windows/win32/api/wingdi/
struct BmpHeader {
  explicit BmpHeader(std::string_view bytes);

  int64_t size;       ///< of the header after the file's first 14 bytes; 12: OS/2's
  int64_t first_row;  ///< offset of the pixels in the file
  int64_t width;
  int64_t height;  ///< below 0 if the rows begin at the top
  int64_t bits;    ///< per pixel
  int64_t compression;
  int64_t colours;     ///< entries of the colour table; 0: as many as the bits can count
  int64_t alpha_mask;  ///< the bits of a pixel that hold alpha
};

/// The number of bytes of the uncompressed rows, each of which is a multiple of 4 bytes.
int64_t byte_count_of_rows(const BmpHeader& header);

}  // namespace unclip
