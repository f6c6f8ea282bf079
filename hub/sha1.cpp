#include "hub/sha1.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace unclip::hub {

// Section 6.1.2.
void Sha1::compress(const uint8_t* block) {
  using std::rotl;
  uint32_t w[80];
  for (int t = 0; t < 16; ++t) {
    const auto* p = block + 4 * t;
    w[t] = uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
  }
  for (int t = 16; t < 80; ++t) w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);

  auto [a, b, c, d, e] = hash_;
  for (int t = 0; t < 80; ++t) {
    uint32_t f, k;  // sections 4.1.1 and 4.2.1
    if (t < 20) {
      f = (b & c) ^ (~b & d), k = 0x5a827999;
    } else if (t < 40) {
      f = b ^ c ^ d, k = 0x6ed9eba1;
    } else if (t < 60) {
      f = (b & c) ^ (b & d) ^ (c & d), k = 0x8f1bbcdc;
    } else {
      f = b ^ c ^ d, k = 0xca62c1d6;
    }
    const uint32_t next = rotl(a, 5) + f + e + k + w[t];
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = next;
  }
  const uint32_t add[5] = {a, b, c, d, e};
  for (int i = 0; i < 5; ++i) hash_[i] += add[i];
}

void Sha1::update(const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  while (size > 0) {
    const size_t held = size_ % 64;
    const size_t taken = std::min(size, 64 - held);
    std::memcpy(pending_.data() + held, bytes, taken);
    size_ += taken;
    bytes += taken;
    size -= taken;
    if (size_ % 64 == 0) compress(pending_.data());
  }
}

std::string Sha1::hex() const {
  Sha1 end = *this;
  // Section 5.1.1: one bit 1, zeros, and the length in bits as the last 8 bytes of a block.
  const uint8_t one = 0x80, zero = 0;
  end.update(&one, 1);
  while (end.size_ % 64 != 56) end.update(&zero, 1);
  uint8_t length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<uint8_t>((size_ * 8) >> (56 - 8 * i));
  end.update(length, 8);

  std::string text;
  for (const uint32_t word : end.hash_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
  }
  return text;
}

}  // namespace unclip::hub
