#include "image/read_indexed_bmp.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/error.h"
#include "image/bmp_header.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int64_t kFileHeaderSize = 14, kOs2HeaderSize = 12;
constexpr int64_t kUncompressed = 0, kRunLengths8 = 1, kRunLengths4 = 2;

uint8_t byte_at(std::string_view bytes, size_t offset) {
  return static_cast<uint8_t>(bytes[offset]);
}

/// The numbers of the pixels, (H, W), in the order of the file's rows.
using PixelNumbers = std::vector<uint8_t>;

/// Reads run lengths, whose counts are not trusted: pixels outside of the image are skipped.
/// Microsoft, "Bitmap compression",
/// https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
class RunLengthReader {
 public:
  /// `codes` begin with those of the first row.
  RunLengthReader(std::string_view codes, const BmpHeader& header)
      : codes_(codes),
        bits_(header.bits),
        width_(header.width),
        height_(std::abs(header.height)),
        pixels_(static_cast<size_t>(width_ * height_)) {}

  /// Reads the codes. Returns whether they end correctly: with the code for the end, or after the
  /// last pixel of the last row.
  bool read();
  /// The row, from 0, that has been reached.
  int64_t row() const { return y_; }
  PixelNumbers& pixels() { return pixels_; }

 private:
  uint8_t take() {
    const auto value = byte_at(codes_, 0);
    codes_.remove_prefix(1);
    return value;
  }
  void put(uint8_t pixel) {
    if (x_ < width_ && y_ < height_) pixels_[static_cast<size_t>(y_ * width_ + x_)] = pixel;
    ++x_;
  }
  /// Pixel i of those in `byte`: with 4 bits per pixel the upper half comes first.
  uint8_t pixel_of(uint8_t byte, int64_t i) const {
    if (bits_ == 8) return byte;
    return i % 2 == 0 ? byte >> 4 : byte & 15;
  }
  bool take_delta();
  bool take_pixels(int64_t count);

  std::string_view codes_;
  const int64_t bits_, width_, height_;
  PixelNumbers pixels_;
  int64_t x_ = 0, y_ = 0;
};

bool RunLengthReader::read() {
  constexpr uint8_t kEndOfRow = 0, kEndOfImage = 1, kDelta = 2;  // codes after a count of 0
  while (codes_.size() >= 2 && y_ < height_) {
    const int64_t count = take();
    const auto value = take();
    if (count > 0) {
      for (int64_t i = 0; i < count; ++i) put(pixel_of(value, i));
    } else if (value == kEndOfRow) {
      x_ = 0;
      ++y_;
    } else if (value == kEndOfImage) {
      return true;
    } else if (!(value == kDelta ? take_delta() : take_pixels(value))) {
      return false;
    }
  }
  return y_ >= height_ || (y_ == height_ - 1 && x_ >= width_);
}

bool RunLengthReader::take_delta() {
  if (codes_.size() < 2) return false;
  x_ += take();
  y_ += take();
  return true;
}

/// Reads uncompressed pixels, which are padded to a multiple of 2 bytes.
bool RunLengthReader::take_pixels(int64_t count) {
  const auto bytes = static_cast<size_t>((count * bits_ + 7) / 8);
  if (codes_.size() < bytes) return false;
  const auto per_byte = 8 / bits_;
  for (int64_t i = 0; i < count; ++i) {
    put(pixel_of(byte_at(codes_, static_cast<size_t>(i / per_byte)), i));
  }
  codes_.remove_prefix(std::min(codes_.size(), bytes + bytes % 2));
  return true;
}

PixelNumbers uncompressed_pixels(std::string_view rows, const BmpHeader& header) {
  const auto height = std::abs(header.height), width = header.width, bits = header.bits;
  const auto row_bytes = byte_count_of_rows(header) / height;
  PixelNumbers pixels;
  pixels.reserve(static_cast<size_t>(height * width));
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const auto byte = byte_at(rows, static_cast<size_t>(y * row_bytes + x * bits / 8));
      const auto shift = 8 - bits - x * bits % 8;
      pixels.push_back(static_cast<uint8_t>(byte >> shift & ((1 << bits) - 1)));
    }
  }
  return pixels;
}

/// Red, green and blue for each of the 256 numbers.
using ColourTable = std::array<std::array<uint8_t, 3>, 256>;

struct PlacedColours {
  ColourTable colours{};  // black if they are not in the file
  int64_t first_row;      // offset of the pixels, which follow the table
};

/// Reads the table, which follows the header: for each colour blue, green, red and, except for
/// OS/2, a 0.
PlacedColours read_colours(std::string_view bytes, const std::string& name,
                           const BmpHeader& header) {
  const auto colour_size = header.size == kOs2HeaderSize ? 3 : 4;
  const auto begin = kFileHeaderSize + header.size;
  const auto most = int64_t{1} << header.bits;
  auto count = header.colours > 0 ? std::min(header.colours, most) : most;
  // Some programs leave the count at 0 and write fewer colours; others leave the offset of the rows
  // at 0.
  if (header.first_row > begin) count = std::min(count, (header.first_row - begin) / colour_size);
  const auto end = begin + count * colour_size;
  if (end > static_cast<int64_t>(bytes.size())) {
    fail(name, ": is not a whole BMP file: it ends within its table of ", count, " colours");
  }
  PlacedColours placed{.first_row = std::max(header.first_row, end)};
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(begin + i * colour_size);
    placed.colours[static_cast<size_t>(i)] = {byte_at(bytes, at + 2), byte_at(bytes, at + 1),
                                              byte_at(bytes, at)};
  }
  return placed;
}

PixelNumbers read_pixels(std::string_view bytes, const std::string& name, const BmpHeader& header,
                         int64_t first_row) {
  const auto size = static_cast<int64_t>(bytes.size());
  const auto rows = bytes.substr(static_cast<size_t>(std::min(first_row, size)));
  if (header.compression == kUncompressed) {
    if (first_row + byte_count_of_rows(header) > size) {
      fail(name, ": is not a whole BMP file: it is too short for its size in pixels");
    }
    return uncompressed_pixels(rows, header);
  }
  RunLengthReader reader(rows, header);
  if (!reader.read()) {
    fail(name, ": is not a whole BMP file: its run lengths end in row ", reader.row() + 1, " of ",
         std::abs(header.height));
  }
  return std::move(reader.pixels());
}

/// Pixels in the order of the file's rows -> (3, H, W) uint8.
at::Tensor coloured(const PixelNumbers& pixels, const ColourTable& colours,
                    const BmpHeader& header) {
  const auto height = std::abs(header.height), width = header.width;
  auto rgb = ops::empty({3, height, width}, at::kByte);
  auto* out = rgb.data_ptr<uint8_t>();
  for (size_t channel = 0; channel < 3; ++channel) {
    for (int64_t y = 0; y < height; ++y) {
      const auto row = header.height < 0 ? y : height - 1 - y;
      const auto* from = pixels.data() + row * width;
      for (int64_t x = 0; x < width; ++x) *out++ = colours[from[x]][channel];
    }
  }
  return rgb;
}

void expect_indexed(std::string_view bytes, const std::string& name, const BmpHeader& header) {
  if (kFileHeaderSize + header.size > static_cast<int64_t>(bytes.size())) {
    fail(name, ": is not a whole BMP file: it ends within its header");
  }
  if (header.bits != 1 && header.bits != 4 && header.bits != 8) {
    fail(name, ": bits of a pixel: expected 1, 4, 8, 16, 24 or 32, got ", header.bits);
  }
  const auto run_lengths = header.bits == 8   ? kRunLengths8
                           : header.bits == 4 ? kRunLengths4
                                              : kUncompressed;
  if (header.compression == kUncompressed || header.compression == run_lengths) return;
  fail(name, ": compression of a BMP of ", header.bits, " bits: expected 0 (none)",
       run_lengths == kUncompressed ? "" : " or " + std::to_string(run_lengths) + " (run lengths)",
       ", got ", header.compression);
}

}  // namespace

DecodedImage decode_indexed_bmp(std::string_view bytes, const std::string& name,
                                const PictureLimits& limits) {
  const BmpHeader header(bytes);
  expect_indexed(bytes, name, header);
  check_limits(name, std::abs(header.height), header.width, limits);
  const auto [colours, first_row] = read_colours(bytes, name, header);
  return {coloured(read_pixels(bytes, name, header, first_row), colours, header), {}};
}

}  // namespace unclip
