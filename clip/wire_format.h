#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// How protobuf stores a value. https://protobuf.dev/programming-guides/encoding
enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// One field of a protobuf message.
struct WireField {
  uint64_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      ///< of kVarint, kFixed32 and kFixed64
  std::string_view bytes;  ///< of kBytes: text, bytes or a message
  size_t at = 0;           ///< where the field begins in the file
};

/// Reads the fields of a protobuf message one after the other. No length in it is trusted: each is
/// compared with the bytes that follow it.
class WireReader {
 public:
  /// `bytes` begin at byte `at` of the file. Messages begin with `name`, that of the file.
  WireReader(std::string_view bytes, std::string name, size_t at = 0)
      : bytes_(bytes), name_(std::move(name)), begin_(at) {}

  /// The next field; nothing at the end. Throws Error that names the file and the byte.
  std::optional<WireField> next();

 private:
  uint64_t varint();
  uint64_t little_endian(size_t size);
  std::string_view take(uint64_t size);
  template <class... Parts>
  [[noreturn]] void fail_at(size_t place, const Parts&... parts) const;

  std::string_view bytes_;
  std::string name_;
  size_t begin_;
  size_t place_ = 0;  // of the next byte
};

}  // namespace unclip
