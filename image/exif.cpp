#include "image/exif.h"

#include <unicode/unistr.h>

#include <bit>
#include <cmath>

#include "kernels/tensor.h"

namespace unclip {
namespace {

using namespace std::string_view_literals;

constexpr uint32_t kOrientation = 0x0112, kExifDirectory = 0x8769, kUserComment = 0x9286;
constexpr uint64_t kEntrySize = 12;  // tag, type, count, and the value or its offset
// TIFF 6.0, section 2, https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
enum Type : uint32_t {
  kByte = 1,
  kAscii = 2,
  kShort = 3,
  kLong = 4,
  kRational = 5,
  kSignedByte = 6,
  kUndefined = 7,
  kSignedShort = 8,
  kSignedLong = 9,
  kSignedRational = 10,
  kFloat = 11,
  kDouble = 12,
  kIfd = 13,
  kLong8 = 16,
};

/// The number of bytes of one value; 0 for an unknown type.
uint64_t size_of(uint32_t type) {
  switch (type) {
    case kByte:
    case kAscii:
    case kSignedByte:
    case kUndefined:
      return 1;
    case kShort:
    case kSignedShort:
      return 2;
    case kLong:
    case kSignedLong:
    case kFloat:
    case kIfd:
      return 4;
    case kRational:
    case kSignedRational:
    case kDouble:
    case kLong8:
      return 8;
    default:
      return 0;
  }
}

struct Entry {
  uint32_t type;
  std::string_view value;  // the bytes of all values
};

/// A TIFF structure. Offsets and counts come from the file and may be wrong.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_(bytes), big_endian_(bytes.starts_with("MM")) {}

  bool is_valid() const {
    return bytes_.size() >= 8 && (bytes_.starts_with("II*\0"sv) || bytes_.starts_with("MM\0*"sv));
  }
  bool is_big_endian() const { return big_endian_; }
  uint64_t first_directory() const { return number(bytes_.substr(4, 4)); }

  /// The number in these bytes, at most 8.
  uint64_t number(std::string_view bytes) const {
    uint64_t result = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = bytes[big_endian_ ? i : bytes.size() - 1 - i];
      result = result << 8 | static_cast<unsigned char>(byte);
    }
    return result;
  }

  /// The first entry of the tag that has a value. As in Pillow, an entry whose value is incomplete
  /// ends the directory, and one with an unknown type or without values is skipped.
  std::optional<Entry> find(uint64_t directory, uint32_t tag) const {
    const auto count = part(directory, 2);
    if (!count) return std::nullopt;
    for (uint64_t i = 0; i < number(*count); ++i) {
      const auto entry = part(directory + 2 + i * kEntrySize, kEntrySize);
      if (!entry) return std::nullopt;
      const auto type = static_cast<uint32_t>(number(entry->substr(2, 2)));
      const auto size = size_of(type) * number(entry->substr(4, 4));
      if (size == 0) continue;
      const auto value =
          size <= 4 ? entry->substr(8, size) : part(number(entry->substr(8, 4)), size);
      if (number(entry->substr(0, 2)) != tag) continue;
      if (!value) return std::nullopt;
      return Entry{type, *value};
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string_view> part(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return std::nullopt;
    return bytes_.substr(offset, size);
  }

  std::string_view bytes_;
  bool big_endian_;
};

/// The first number of an entry; NaN if it has none.
double first_number(const Tiff& tiff, const Entry& entry) {
  const auto size = size_of(entry.type);
  const auto bits = tiff.number(entry.value.substr(0, size));
  const auto half = [&](size_t i) { return tiff.number(entry.value.substr(4 * i, 4)); };
  switch (entry.type) {
    case kShort:
    case kLong:
    case kIfd:
    case kLong8:
    case kSignedByte:  // read as unsigned: a negative number is no orientation
    case kSignedShort:
    case kSignedLong:
      return static_cast<double>(bits);
    case kRational:
    case kSignedRational:
      return half(1) == 0 ? NAN : static_cast<double>(half(0)) / static_cast<double>(half(1));
    case kFloat:
      return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case kDouble:
      return std::bit_cast<double>(bits);
    default:
      return NAN;
  }
}

/// The structure without the prefix that precedes it in a JPEG, and that some programs write twice.
std::string_view without_prefix(std::string_view exif) {
  constexpr auto kPrefix = "Exif\0\0"sv;
  for (int i = 0; i < 2 && exif.starts_with(kPrefix); ++i) exif.remove_prefix(kPrefix.size());
  return exif;
}

std::string utf8_from_utf16(const Tiff& tiff, std::string_view bytes) {
  icu::UnicodeString text;
  for (size_t i = 0; i + 2 <= bytes.size(); i += 2) {
    text.append(static_cast<char16_t>(tiff.number(bytes.substr(i, 2))));
  }
  std::string utf8;
  return text.toUTF8String(utf8);
}

std::string big_endian(uint64_t value, int size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> 8 * size & 0xff);
  return bytes;
}

/// A directory of one entry, with no directory after it.
std::string directory(uint32_t tag, Type type, uint64_t count, uint64_t value) {
  return big_endian(1, 2) + big_endian(tag, 2) + big_endian(type, 2) + big_endian(count, 4) +
         big_endian(value, 4) + big_endian(0, 4);
}

}  // namespace

std::optional<int> exif_orientation(std::string_view exif) {
  const Tiff tiff(without_prefix(exif));
  if (!tiff.is_valid()) return std::nullopt;
  const auto entry = tiff.find(tiff.first_directory(), kOrientation);
  if (!entry) return std::nullopt;
  const auto value = first_number(tiff, *entry);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    if (value == orientation) return orientation;
  }
  return 1;
}

std::optional<std::string> exif_user_comment(std::string_view exif) {
  const Tiff tiff(without_prefix(exif));
  if (!tiff.is_valid()) return std::nullopt;
  const auto pointer = tiff.find(tiff.first_directory(), kExifDirectory);
  if (!pointer || size_of(pointer->type) != 4) return std::nullopt;
  const auto entry = tiff.find(tiff.number(pointer->value.substr(0, 4)), kUserComment);
  if (!entry) return std::nullopt;
  auto text = entry->value;
  if (text.starts_with("UNICODE\0"sv)) return utf8_from_utf16(tiff, text.substr(8));
  if (!text.starts_with("ASCII\0\0\0"sv)) return std::nullopt;
  text.remove_prefix(8);
  while (text.ends_with('\0')) text.remove_suffix(1);
  return std::string(text);
}

std::string exif_with_user_comment(std::string_view utf8, size_t most) {
  constexpr uint64_t kFirst = 8, kSecond = kFirst + 18, kText = kSecond + 18;
  auto text = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<int32_t>(utf8.size())});
  const auto room = static_cast<int32_t>((most - kText - 8) / 2);
  if (text.length() > room) text.truncate(text.getChar32Start(room));
  std::string comment("UNICODE\0", 8);
  for (int32_t i = 0; i < text.length(); ++i) comment += big_endian(text.charAt(i), 2);
  return std::string("MM\0*", 4) + big_endian(kFirst, 4) +
         directory(kExifDirectory, kLong, 1, kSecond) +
         directory(kUserComment, kUndefined, comment.size(), kText) + comment;
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
