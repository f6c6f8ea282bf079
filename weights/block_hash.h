#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace unclip {

/// A hash of FIPS 180-4 whose blocks have 64 bytes and whose state has `Words` words of 32 bits, of
/// bytes that are passed in pieces. https://doi.org/10.6028/NIST.FIPS.180-4
template <size_t Words>
class BlockHash {
 public:
  void update(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    while (size > 0) {
      const size_t held = size_ % 64;
      const size_t taken = std::min(size, 64 - held);
      std::memcpy(pending_.data() + held, bytes, taken);
      size_ += taken;
      bytes += taken;
      size -= taken;
      if (size_ % 64 == 0) compress_(state_, pending_.data());
    }
  }

  /// The digest of all bytes given so far: 8 hexadecimal digits a word, in lower case.
  std::string hex() const {
    BlockHash end = *this;
    // Section 5.1.1: one bit 1, zeros, and the length in bits as the last 8 bytes of a block.
    const uint8_t one = 0x80, zero = 0;
    end.update(&one, 1);
    while (end.size_ % 64 != 56) end.update(&zero, 1);
    uint8_t length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<uint8_t>((size_ * 8) >> (56 - 8 * i));
    end.update(length, 8);

    std::string text;
    for (const uint32_t word : end.state_) {
      for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
    }
    return text;
  }

 protected:
  using State = std::array<uint32_t, Words>;
  /// Adds a block of 64 bytes to the state.
  using Compress = void (*)(State& state, const uint8_t* block);

  BlockHash(const State& initial, Compress compress) : state_(initial), compress_(compress) {}

  /// The 16 words of a block, big-endian (section 5.2.1).
  static void read_words(const uint8_t* block, uint32_t* words) {
    for (int t = 0; t < 16; ++t) {
      const auto* p = block + 4 * t;
      words[t] = uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
    }
  }

 private:
  State state_;
  Compress compress_;
  std::array<uint8_t, 64> pending_ = {};
  uint64_t size_ = 0;  // bytes so far; the last size_ % 64 of them are pending
};

}  // namespace unclip
