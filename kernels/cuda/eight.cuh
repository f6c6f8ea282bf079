#pragma once

#include <cstdint>

#include "kernels/cuda/block.cuh"

// Eight neighbouring numbers of a tensor, at a multiple of 16 bytes: one access of 16 bytes for a
// type of two, two accesses for float. Arithmetic is in float.

namespace unclip::kernels {

/// The numbers in memory, of any type.
template <class T>
struct alignas(16) [[gnu::may_alias]] Eight {
  uint32_t words[2 * sizeof(T)];
};

struct Floats {
  float values[8];

  UNCLIP_DEVICE float& operator[](int i) { return values[i]; }
  UNCLIP_DEVICE float operator[](int i) const { return values[i]; }
};

template <class T>
UNCLIP_DEVICE Eight<T> load(const T* p) {
  return *reinterpret_cast<const Eight<T>*>(p);
}

template <class T>
UNCLIP_DEVICE void store(T* p, const Eight<T>& eight) {
  *reinterpret_cast<Eight<T>*>(p) = eight;
}

template <class T>
UNCLIP_DEVICE Floats to_floats(const Eight<T>& eight) {
  T values[8];
  __builtin_memcpy(values, &eight, sizeof eight);
  Floats floats;
  UNCLIP_UNROLL(8)
  for (int i = 0; i < 8; ++i) floats[i] = static_cast<float>(values[i]);
  return floats;
}

template <class T>
UNCLIP_DEVICE Floats load_floats(const T* p) {
  return to_floats(load(p));
}

template <class T>
UNCLIP_DEVICE void store_floats(T* p, const Floats& floats) {
  T values[8];
  UNCLIP_UNROLL(8)
  for (int i = 0; i < 8; ++i) values[i] = static_cast<T>(floats[i]);
  Eight<T> eight;
  __builtin_memcpy(&eight, values, sizeof eight);
  store(p, eight);
}

}  // namespace unclip::kernels
