#include "hub/sha1.h"

#include <bit>

namespace unclip::hub {

// Section 5.3.1.
Sha1::Sha1() : BlockHash({0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, compress) {}

// Section 6.1.2.
void Sha1::compress(State& state, const uint8_t* block) {
  using std::rotl;
  uint32_t w[80];
  read_words(block, w);
  for (int t = 16; t < 80; ++t) w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);

  auto [a, b, c, d, e] = state;
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
  for (int i = 0; i < 5; ++i) state[i] += add[i];
}

}  // namespace unclip::hub
