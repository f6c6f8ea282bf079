#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace unclip::hub {

/// SHA-1 of bytes that are passed in pieces: git names files by it.
/// FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4
class Sha1 {
 public:
  void update(const void* data, size_t size);
  /// The digest of all bytes given so far: 40 hexadecimal digits, in lower case.
  std::string hex() const;

 private:
  void compress(const uint8_t* block);

  // Section 5.3.1.
  std::array<uint32_t, 5> hash_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::array<uint8_t, 64> pending_ = {};
  uint64_t size_ = 0;  // bytes so far; the last size_ % 64 of them are pending
};

}  // namespace unclip::hub
