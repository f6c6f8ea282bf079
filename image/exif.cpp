#include "image/exif.h"

#include <ATen/ATen.h>

namespace unclip {
namespace {

constexpr uint32_t kOrientation = 0x0112;
constexpr uint32_t kShort = 3;
constexpr uint64_t kEntrySize = 12;  // tag, type, count, value

/// The numbers of a TIFF, in its own order of bytes. Offsets come from the file and may lie: what
/// is past the end reads as 0, which is no tag, no type and no orientation.
class TiffNumbers {
 public:
  explicit TiffNumbers(std::span<const uint8_t> bytes) : bytes_(bytes) {
    big_endian_ = !bytes.empty() && bytes[0] == 'M';
  }

  uint32_t at(uint64_t offset, uint64_t size) const {
    if (offset + size > bytes_.size()) return 0;
    uint32_t number = 0;
    for (uint64_t i = 0; i < size; ++i) {
      number = number << 8 | bytes_[offset + (big_endian_ ? i : size - 1 - i)];
    }
    return number;
  }

  bool is_tiff() const { return at(0, 2) == (big_endian_ ? 0x4d4d : 0x4949) && at(2, 2) == 42; }

 private:
  std::span<const uint8_t> bytes_;
  bool big_endian_;
};

}  // namespace

int exif_orientation(std::span<const uint8_t> exif) {
  const TiffNumbers numbers(exif);
  if (!numbers.is_tiff()) return 1;
  const uint64_t directory = numbers.at(4, 4);
  const uint64_t entries = numbers.at(directory, 2);
  for (uint64_t i = 0; i < entries; ++i) {
    const uint64_t entry = directory + 2 + i * kEntrySize;
    if (numbers.at(entry, 2) != kOrientation) continue;
    if (numbers.at(entry + 2, 2) != kShort || numbers.at(entry + 4, 4) != 1) return 1;
    const auto orientation = static_cast<int>(numbers.at(entry + 8, 2));
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

at::Tensor upright(const at::Tensor& picture, int orientation) {
  TORCH_CHECK(orientation >= 1 && orientation <= 8, "upright: orientation is ", orientation);
  const bool lies = orientation >= 5;
  const bool mirrored =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool upside_down =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  auto x = lies ? picture.transpose(1, 2) : picture;
  if (mirrored) x = x.flip({2});
  if (upside_down) x = x.flip({1});
  return x.contiguous();
}

}  // namespace unclip
