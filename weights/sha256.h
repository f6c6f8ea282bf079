#pragma once

#include "weights/block_hash.h"

namespace unclip {

/// SHA-256, of 64 digits. FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4
class Sha256 : public BlockHash<8> {
 public:
  Sha256();

 private:
  static void compress(State& state, const uint8_t* block);
};

}  // namespace unclip
