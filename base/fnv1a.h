#pragma once

#include <cstdint>
#include <string_view>

namespace unclip {

/// A hash that is the same on every machine: FNV-1a of 64 bits.
/// http://www.isthe.com/chongo/tech/comp/fnv/
constexpr uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

}  // namespace unclip
