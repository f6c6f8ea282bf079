#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace unclip {

/// SHA-256 of bytes that are passed in pieces. FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4
class Sha256 {
 public:
  void update(const void* data, size_t size);
  /// The digest of all bytes given so far: 64 hexadecimal digits, in lower case.
  std::string hex() const;

 private:
  void compress(const uint8_t* block);

  // Section 5.3.3.
  std::array<uint32_t, 8> hash_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> pending_ = {};
  uint64_t size_ = 0;  // bytes so far; the last size_ % 64 of them are pending
};

}  // namespace unclip
