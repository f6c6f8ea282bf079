#include "clip/wire_format.h"

#include "base/error.h"

namespace unclip {

template <class... Parts>
void WireReader::fail_at(size_t place, const Parts&... parts) const {
  fail(name_, ": byte ", begin_ + place, ": ", parts...);
}

std::string_view WireReader::take(uint64_t size) {
  const auto left = bytes_.size() - place_;
  if (size > left) fail_at(place_, "expected ", size, " more bytes, got ", left);
  const auto taken = bytes_.substr(place_, static_cast<size_t>(size));
  place_ += taken.size();
  return taken;
}

uint64_t WireReader::varint() {
  constexpr int kMostBytes = 10;
  const auto begin = place_;
  uint64_t value = 0;
  for (int i = 0; i < kMostBytes; ++i) {
    const auto byte = static_cast<uint8_t>(take(1).front());
    if (i == kMostBytes - 1 && byte > 1) break;  // more than 64 bits
    value |= uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) return value;
  }
  fail_at(begin, "expected an integer of at most 64 bits, got a longer one");
}

uint64_t WireReader::little_endian(size_t size) {
  uint64_t value = 0;
  const auto bytes = take(size);
  for (size_t i = 0; i < size; ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return value;
}

std::optional<WireField> WireReader::next() {
  constexpr uint64_t kMostFields = (uint64_t{1} << 29) - 1;
  if (place_ == bytes_.size()) return std::nullopt;
  WireField field;
  const auto begin = place_;
  field.at = begin_ + begin;
  const auto tag = varint();
  field.number = tag >> 3;
  if (field.number == 0 || field.number > kMostFields) {
    fail_at(begin, "expected a field number from 1 to ", kMostFields, ", got ", field.number);
  }
  switch (tag & 7) {
    case 0:
      field.value = varint();
      break;
    case 1:
      field.value = little_endian(8);
      break;
    case 2:
      field.bytes = take(varint());
      break;
    case 5:
      field.value = little_endian(4);
      break;
    default:
      fail_at(begin, "field ", field.number, ": expected the wire type 0, 1, 2 or 5, got ",
              tag & 7);
  }
  field.type = static_cast<WireType>(tag & 7);
  return field;
}

}  // namespace unclip
