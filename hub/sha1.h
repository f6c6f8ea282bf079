#pragma once

#include "weights/block_hash.h"

namespace unclip::hub {

/// SHA-1, of 40 digits: git names files by it. FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4
class Sha1 : public BlockHash<5> {
 public:
  Sha1();

 private:
  static void compress(State& state, const uint8_t* block);
};

}  // namespace unclip::hub
